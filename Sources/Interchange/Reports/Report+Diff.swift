package import Graphs
package import Artifacts

extension Report {
    /// A stored comparison.
    init(_ artifact: Artifact<CircuitDiffArtifact>, header: ArtifactHeader) {
        self.init(header: header, source: artifact.source)
        add(diff: artifact.content, statement: ["aligned by \(artifact.content.alignment)"])
        add(artifact.provenance)
        addTables(artifact.content)
    }

    /// A comparison just made.
    ///
    /// - Parameters:
    ///   - diff: What `circuit-diff` stores of it.
    ///   - comparison: What it found.
    package init(_ diff: CircuitDiffArtifact, _ comparison: CircuitComparison) {
        add(diff: diff, statement: comparison.alignment.statement)
        if let scores = comparison.scores {
            add(
                "scores",
                "of \(Figures.count(scores.count)) edges scored in both: mean difference "
                    + "\(Figures.short(scores.meanAbsolute)), largest "
                    + "\(Figures.short(scores.maximum)) (\(scores.maximumEdge)), "
                    + "correlation \(Figures.short(scores.correlation))")
        }
        if let neurons = comparison.neurons {
            add(
                "neurons",
                Self.counts(neurons.onlyFirst, neurons.onlySecond, both: neurons.both))
        }
        addTables(diff)
    }

    private mutating func add(diff: CircuitDiffArtifact, statement: [String]) {
        add("first", Self.line(diff.first))
        add("second", Self.line(diff.second))
        add("alignment", statement.joined(separator: "\n"))
        add("edges", Self.counts(diff.edges, jaccard: diff.edgeJaccard))
        add("nodes", Self.counts(diff.nodes, jaccard: diff.nodeJaccard))
        for (name, side) in [("first", diff.first), ("second", diff.second)]
        where !side.unalignedNodes.isEmpty {
            add("only \(name)", "not aligned: " + side.unalignedNodes.joined(separator: " "))
        }
    }

    private static func line(_ side: CircuitDiffArtifact.Side) -> String {
        var parts = [side.circuit.path == "-" ? "(standard input)" : side.circuit.path]
        if let model = side.model { parts.append(model.name) }
        if let threshold = side.threshold { parts.append("threshold \(threshold)") }
        parts.append("\(Figures.count(side.edgeCount)) edges")
        parts.append("\(Figures.count(side.nodeCount)) nodes")
        return parts.joined(separator: ", ")
    }

    private static func counts(
        _ entries: [CircuitDiffArtifact.Entry], jaccard: Double
    ) -> String {
        let first = entries.count { $0.inFirst && !$0.inSecond }
        let second = entries.count { $0.inSecond && !$0.inFirst }
        return counts(first, second, both: entries.count - first - second)
            + "; Jaccard \(fixed(jaccard, digits: 4))"
    }

    private static func counts(_ first: Int, _ second: Int, both: Int) -> String {
        "\(Figures.count(first)) only in the first, \(Figures.count(second)) only in the second, "
            + "\(Figures.count(both)) in both"
    }

    private mutating func addTables(_ diff: CircuitDiffArtifact) {
        let isLayer = { (group: String) in !group.contains("->") }
        let layers = diff.summaries.filter { isLayer($0.group) }
        add(Self.summaries("edges by the receiver's layer", layers))
        add(Self.summaries("edges by type", diff.summaries.filter { !isLayer($0.group) }))
        let nodes = diff.nodes.filter { $0.inFirst != $0.inSecond }
        add(
            ReportTable(
                title: "nodes in one circuit only", columns: ["node", "in"],
                rows: nodes.map { [$0.name, $0.inFirst ? "first" : "second"] }))
        add(Self.edges("edges only in the first", diff.edges.filter { $0.inFirst && !$0.inSecond }))
        add(
            Self.edges("edges only in the second", diff.edges.filter { $0.inSecond && !$0.inFirst })
        )
        add(Self.edges("edges in both", diff.edges.filter { $0.inFirst && $0.inSecond }))
    }

    private static func summaries(
        _ title: String, _ summaries: [CircuitDiffArtifact.Summary]
    ) -> ReportTable {
        ReportTable(
            title: title, columns: ["", ">only first", ">only second", ">both"],
            rows: summaries.map { summary in
                [
                    summary.group, "\(summary.onlyFirst)", "\(summary.onlySecond)",
                    "\(summary.both)",
                ]
            }, isWhole: true)
    }

    private static func edges(
        _ title: String, _ entries: [CircuitDiffArtifact.Entry]
    ) -> ReportTable {
        func strength(_ entry: CircuitDiffArtifact.Entry) -> Float {
            max(
                entry.firstScore.isNaN ? -1 : abs(entry.firstScore),
                entry.secondScore.isNaN ? -1 : abs(entry.secondScore))
        }
        let sorted = entries.enumerated()
            .map { (offset: $0.offset, entry: $0.element, strength: strength($0.element)) }
            .sorted { ($0.strength, $1.offset) > ($1.strength, $0.offset) }
        return ReportTable(
            title: title + ", strongest first",
            columns: ["edge", ">first score", ">second score"],
            rows: sorted.map { item in
                [
                    item.entry.name, Figures.signed(Double(item.entry.firstScore)),
                    Figures.signed(Double(item.entry.secondScore)),
                ]
            })
    }
}
