package import Artifacts
import Basics
import Graphs

/// A circuit prepared for drawing: nodes are merged into boxes, and edges into arrows, until the drawing
/// is readable. Where there are still too many arrows some are left out, whole paths at a time, so that
/// every box that is drawn keeps a path from the input and to the logits.
package struct CircuitDrawing: Hashable, Sendable {
    /// How much of a circuit is merged into one box or arrow.
    package enum Detail: String, CaseIterable, Hashable, Sendable {
        /// The finest of the others that has few enough arrows and is readable on a page.
        case auto
        /// A box for each head, with separate arrows to its q, k and v inputs.
        case full
        /// A box for each head.
        case heads
        /// A box for each role that nodes play in the circuit, as papers draw it.
        case roles
        /// Two boxes for each layer: attention and MLP.
        case layers
    }

    /// What a person chooses of a drawing.
    package struct Options: Hashable, Sendable {
        /// How far to fold.
        package var detail = Detail.auto
        /// The most arrows that are drawn.
        package var maximumArrows = 200
        /// The title in place of one that says what the circuit is; nil for that.
        package var title: String?
        /// Whether there is a caption: title, legend, and what was merged and left out.
        package var hasCaption = true
        /// The role of each node by its name, in place of those in the artifact; nil for those.
        package var roles: [String: String]?

        /// Options as they are where nothing is chosen.
        package init() {}
    }

    /// The title.
    let title: String
    /// What widths and colours mean; empty where they mean nothing.
    let legend: [String]
    /// What was merged and what was left out, and by what rule.
    package let remarks: [String]
    /// Whether title, legend and remarks are drawn.
    let hasCaption: Bool
    /// Whether a title was asked for, which is drawn without a caption too.
    let hasOwnTitle: Bool
    /// The boxes and arrows.
    let circuit: FoldedCircuit
    /// Whether any arrow has a score.
    let isScored: Bool
    /// The roles of boxes that are drawn, in the order of computation.
    let roleNames: [String]
    /// The number of query heads that share a key-value head.
    let headsPerGroup: Int

    /// Prepares the drawing of a circuit.
    package init(_ artifact: CircuitArtifact, _ options: Options = Options()) {
        let source = DrawnCircuit(artifact, roles: options.roles ?? artifact.roleOfNode)
        headsPerGroup = source.headsPerGroup
        isScored = source.isScored
        var folded = Self.fold(source, options)
        var remarks = Self.remarks(on: folded)
        remarks += Self.shorten(
            &folded, to: options.maximumArrows, isScored: isScored, headsPerGroup)
        circuit = folded
        let drawn = Set(folded.units.values.compactMap(\.role))
        roleNames = source.roleNames.filter(drawn.contains)
        self.remarks = remarks
        title = options.title ?? Self.title(of: artifact, edges: source.edges.count)
        hasOwnTitle = options.title != nil
        hasCaption = options.hasCaption
        legend = Self.legend(
            folded, metric: MetricName.label(of: artifact.metric), isScored: isScored)
    }

    /// Some boxes and arrows without a caption, to see whether they fit on a page.
    private init(_ folded: FoldedCircuit, of source: DrawnCircuit) {
        (title, legend, remarks, hasCaption, hasOwnTitle) = ("", [], [], false, false)
        (circuit, isScored, headsPerGroup) = (folded, source.isScored, source.headsPerGroup)
        roleNames = source.roleNames
    }

    /// The finest folding that is readable, or the one that was asked for.
    private static func fold(_ source: DrawnCircuit, _ options: Options) -> FoldedCircuit {
        let hasRoles = !source.roleNames.isEmpty
        let candidates: [FoldedCircuit.Folding] =
            switch options.detail {
            case .auto: [.inputs, .nodes] + (hasRoles ? [.roles] : [.layers])
            case .full: [.inputs]
            case .heads: [.nodes] + (hasRoles ? [.othersOfNoRole] : [])
            case .roles: [.roles]
            case .layers: [.layers]
            }
        var folded = FoldedCircuit(source, candidates[0])
        for candidate in candidates.dropFirst() {
            let hasFewArrows = folded.arrows.count <= options.maximumArrows
            // Whoever asks for a folding gets it, whatever its size; and positions would get lost.
            let isKept =
                options.detail != .auto || folded.hasPositions
                || Self(folded, of: source).page.isReadable
            if hasFewArrows, isKept { break }
            folded = FoldedCircuit(source, candidate)
        }
        return folded
    }

    /// What was merged.
    private static func remarks(on folded: FoldedCircuit) -> [String] {
        var remarks: [String] = []
        let others = folded.units.values.filter { $0.isGroup && $0.role == nil }
            .sorted { $0.name < $1.name }
            .map { "the \($0.members.count) \($0.name.dropFirst("other ".count))" }
        switch folding(of: folded) {
        case .inputs: break
        case .nodes: remarks.append("the q, k and v inputs of a head are drawn as one")
        case .layers: remarks.append("the heads of a layer are drawn as one box")
        case .roles: remarks.append("the nodes of a role are drawn as one box")
        case .othersOfNoRole:
            remarks.append("the q, k and v inputs of a head are drawn as one")
            remarks.append("an arrow at the frame of a role stands for one at each of its nodes")
        }
        if !others.isEmpty {
            remarks.append(
                "\(others.joined(separator: " and ")) without a role are drawn as one box"
                    + (others.count > 1 ? " each" : ""))
        }
        if folded.insideCount > 0 {
            remarks.append("\(Figures.count(folded.insideCount)) edges inside boxes aren't drawn")
        }
        return remarks
    }

    private static func folding(of folded: FoldedCircuit) -> FoldedCircuit.Folding {
        // Where q, k and v inputs don't exist, none were merged.
        let hasSlots = folded.arrows.contains { $0.count > 1 }
        return folded.folding == .nodes && !hasSlots ? .inputs : folded.folding
    }
}

extension CircuitDrawing {
    private static func title(of circuit: CircuitArtifact, edges: Int) -> String {
        let method = circuit.method == "known" ? knownName(of: circuit) : circuit.method
        var parts = [circuit.model?.name ?? "", method].filter { !$0.isEmpty }
        if let threshold = circuit.threshold { parts.append("threshold \(threshold.inSixDigits)") }
        if !circuit.metric.isEmpty { parts.append(MetricName.label(of: circuit.metric)) }
        parts.append(
            "\(Figures.count(edges)) of \(Figures.count(circuit.graph.edgeCount)) edges")
        return parts.joined(separator: " · ")
    }

    /// `known circuit`, with its name where it is one that is built in.
    private static func knownName(of circuit: CircuitArtifact) -> String {
        let known = KnownCircuit.allCases.first {
            $0.graph.table == circuit.graph && $0.inCircuit == circuit.inCircuit
        }
        return "known circuit" + (known.map { " " + $0.name } ?? "")
    }

    private static func legend(
        _ circuit: FoldedCircuit, metric: String, isScored: Bool
    ) -> [String] {
        let known = circuit.arrows.map(\.score).filter { !$0.isNaN }
        guard isScored, let strongest = known.map(abs).max() else { return [] }
        let name = metric.isEmpty ? "the score" : "the effect on \(metric)"
        var legend = "width and colour: \(name), up to \(amount(strongest))"
        if known.contains(where: { $0 < 0 }) {
            legend += "; blue edges help the behaviour, red ones hurt it"
        }
        return [legend]
    }

    private static func amount(_ value: Float) -> String {
        Figures.fixed(Double(value), digits: value >= 10 ? 1 : value >= 0.1 ? 2 : 4)
    }
}
