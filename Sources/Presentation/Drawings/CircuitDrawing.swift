package import Artifacts
import Graphs

/// A circuit prepared for drawing: edges are merged, and the weakest left out, until the drawing is
/// readable.
package struct CircuitDrawing: Hashable, Sendable {
    /// How much of a circuit is merged into one box or arrow.
    package enum Detail: String, CaseIterable, Hashable, Sendable {
        /// The finest of the others with which the drawing is readable.
        case auto
        /// A box for each head, with separate arrows to its q, k and v inputs.
        case full
        /// A box for each head.
        case heads
        /// Two boxes for each layer: attention and MLP.
        case layers
    }

    /// A box of the drawing.
    struct Node: Hashable, Sendable {
        /// Its name in the graph, without the input (`<q>`); `a3` for the attention of a layer.
        var name: String
        var address: NodeAddress?
        /// For the attention of a layer: the heads that have edges in the circuit.
        var heads: Set<Int> = []
        /// The inputs that arrows lead to separately: `q`, `k`, `v`.
        var slots: Set<Character> = []
    }

    /// An arrow of the drawing, which represents one edge or several.
    struct Edge: Hashable, Sendable {
        var from: String
        var to: String
        var slot: Character?
        /// The sum of the scores; NaN if none is known.
        var score: Float
        /// The number of edges that it represents.
        var count: Int
    }

    /// The title.
    var title: String
    /// The legend, and what was merged and left out.
    var remarks: [String]
    /// The boxes by name.
    var nodes: [String: Node] = [:]
    /// The arrows, weakest first, so that the strongest are drawn on top.
    var edges: [Edge] = []
    /// The number of query heads that share a key-value head.
    var headsOfGroup: Int

    /// Prepares the drawing of a circuit.
    ///
    /// - Parameters:
    ///   - circuit: The circuit.
    ///   - detail: How much of it to merge.
    ///   - maximumEdges: The most arrows that are drawn, the strongest ones; the drawing states how
    ///     many were left out.
    package init(_ circuit: CircuitArtifact, detail: Detail = .auto, maximumEdges: Int = 100) {
        let all = CircuitEdge.edges(of: circuit)
        headsOfGroup = circuit.graph.headsPerKeyValueHead
        title = Self.title(of: circuit, edges: all.count)
        remarks = []
        var arrows: [Edge] = []
        var used = detail
        let candidates: [Detail] = detail == .auto ? [.full, .heads, .layers] : [detail]
        for candidate in candidates {
            used = candidate
            arrows = Self.folded(all, to: candidate)
            if arrows.count <= maximumEdges { break }
        }
        arrows.sort { Self.strength($0) < Self.strength($1) }
        let hidden = arrows.count - max(1, maximumEdges)
        if used == .heads { remarks.append("the q, k and v inputs of a head drawn as one") }
        if used == .layers { remarks.append("the heads of a layer drawn as one block") }
        if hidden > 0 {
            let known = arrows.filter { !$0.score.isNaN }
            let total = known.reduce(0) { $0 + Double(abs($1.score)) }
            let lost = known.prefix(hidden).reduce(0) { $0 + Double(abs($1.score)) }
            let percent = Figures.fixed(100 * lost / total, digits: 1)
            let share = total > 0 ? ", \(percent)% of the effect," : ""
            remarks.append("the weakest \(hidden) of \(arrows.count) arrows\(share) left out")
            arrows.removeFirst(hidden)
        }
        edges = arrows
        remarks.insert(contentsOf: legend(metric: circuit.metric), at: 0)
        collectNodes(all, detail: used)
    }

    private static func strength(_ edge: Edge) -> Float {
        edge.score.isNaN ? 0 : abs(edge.score)
    }

    private static func title(of circuit: CircuitArtifact, edges: Int) -> String {
        var parts = [circuit.model?.name ?? "", circuit.method].filter { !$0.isEmpty }
        if let threshold = circuit.threshold { parts.append("threshold \(threshold)") }
        if !circuit.metric.isEmpty { parts.append(MetricName.label(of: circuit.metric)) }
        parts.append("\(edges) of \(circuit.graph.edgeCount) edges")
        return parts.joined(separator: " · ")
    }

    private func legend(metric: String) -> [String] {
        guard let strongest = edges.last(where: { !$0.score.isNaN }) else { return [] }
        let name = metric.isEmpty ? "the score" : "the effect on \(MetricName.label(of: metric))"
        var legend = "width and colour: \(name), up to \(short(abs(strongest.score)))"
        if edges.contains(where: { $0.score < 0 }) {
            legend += "; blue edges help the behaviour, red ones hurt it"
        }
        return [legend]
    }

    private func short(_ value: Float) -> String {
        Figures.fixed(Double(value), digits: value >= 10 ? 1 : value >= 0.1 ? 2 : 4)
    }
}

/// An edge of the circuit, with the names of its ends parsed.
private struct CircuitEdge {
    var sender: String
    var receiver: String
    var senderAddress: NodeAddress?
    var receiverAddress: NodeAddress?
    var score: Float

    static func edges(of circuit: CircuitArtifact) -> [CircuitEdge] {
        let graph = circuit.graph
        let senders = graph.nodes.map { NodeAddress($0) }
        let receivers = graph.receivers.map { NodeAddress($0) }
        return circuit.inCircuit.indices.filter { circuit.inCircuit[$0] }.map { edge in
            let sender = Int(graph.senderOfEdge[edge])
            let receiver = Int(graph.receiverOfEdge[edge])
            return CircuitEdge(
                sender: graph.nodes[sender], receiver: graph.receivers[receiver],
                senderAddress: senders[sender], receiverAddress: receivers[receiver],
                score: circuit.scores?[edge] ?? .nan)
        }
    }
}

extension CircuitDrawing {
    private struct Ends: Hashable {
        var from: String
        var to: String
        var slot: Character?
    }

    private static func folded(_ edges: [CircuitEdge], to detail: Detail) -> [Edge] {
        var order: [Ends] = []
        var arrows: [Ends: Edge] = [:]
        for edge in edges {
            let from = boxName(edge.sender, edge.senderAddress, detail)
            let to = boxName(edge.receiver, edge.receiverAddress, detail)
            // An edge between two nodes of the same box isn't drawn.
            guard from != to else { continue }
            let slot = detail == .full ? edge.receiverAddress?.slot : nil
            let ends = Ends(from: from, to: to, slot: slot)
            if var arrow = arrows[ends] {
                arrow.count += 1
                arrow.score =
                    arrow.score.isNaN
                    ? edge.score : arrow.score + (edge.score.isNaN ? 0 : edge.score)
                arrows[ends] = arrow
            } else {
                order.append(ends)
                arrows[ends] = Edge(from: from, to: to, slot: slot, score: edge.score, count: 1)
            }
        }
        return order.compactMap { arrows[$0] }
    }

    /// The name of the box of a sender or receiver.
    private static func boxName(
        _ name: String, _ address: NodeAddress?, _ detail: Detail
    ) -> String {
        if detail == .layers, let address, let layer = address.layer {
            return NodeAddress(address.role == .mlp ? .mlp : .attention, layer: layer).name
        }
        // The input belongs to the arrow: the box of `a3.h7<q>@12` is `a3.h7@12`.
        guard let slot = address?.slot, let range = name.firstRange(of: "<\(slot)>") else {
            return name
        }
        return String(name[..<range.lowerBound] + name[range.upperBound...])
    }

    private mutating func collectNodes(_ all: [CircuitEdge], detail: Detail) {
        for edge in edges {
            for name in [edge.from, edge.to] where nodes[name] == nil {
                nodes[name] = Node(name: name, address: NodeAddress(name))
            }
            if let slot = edge.slot { nodes[edge.to]?.slots.insert(slot) }
        }
        guard detail == .layers else { return }
        for edge in all {
            for address in [edge.senderAddress, edge.receiverAddress].compactMap(\.self) {
                guard address.role == .attention, let layer = address.layer,
                    let head = address.head
                else { continue }
                nodes[NodeAddress(.attention, layer: layer).name]?.heads.insert(head)
            }
        }
    }
}
