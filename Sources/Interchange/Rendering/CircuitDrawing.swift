import Graphs
package import Artifacts

/// A circuit made ready to be drawn: nodes by layer, and edges folded and chosen until a reader can
/// follow them.
package struct CircuitDrawing: Hashable, Sendable {
    /// How far a circuit is folded.
    package enum Detail: String, CaseIterable, Hashable, Sendable {
        /// The finest of the others that stays readable.
        case auto
        /// Every head with its q, k and v inputs apart.
        case full
        /// Every head, its inputs together.
        case heads
        /// Every layer: one attention block and one MLP.
        case layers
    }

    /// A box of the drawing.
    struct Node: Hashable, Sendable {
        /// Its name in the graph, without input; `a3` for a whole block.
        var name: String
        var address: NodeAddress?
        /// The heads folded into a block that have edges in the circuit.
        var heads: Set<Int> = []
        /// The inputs drawn apart: `q`, `k`, `v`.
        var slots: Set<Character> = []
    }

    /// An arrow of the drawing, which stands for one edge or several.
    struct Edge: Hashable, Sendable {
        var from: String
        var to: String
        var slot: Character?
        /// The sum of the scores; NaN if none is known.
        var score: Float
        /// The edges of the circuit that it stands for.
        var count: Int
    }

    /// A title and what to know to read the drawing.
    var title: String
    var remarks: [String]
    /// The boxes by name.
    var nodes: [String: Node] = [:]
    /// The arrows, weakest first, so that the strongest are drawn on top.
    var edges: [Edge] = []
    /// Query heads that share a key-value head.
    var headsOfGroup: Int

    /// Prepares the drawing of a circuit.
    ///
    /// - Parameters:
    ///   - circuit: The circuit.
    ///   - detail: How far to fold it.
    ///   - maximumEdges: The strongest so many arrows are drawn; what is left out is stated.
    package init(_ circuit: CircuitArtifact, detail: Detail = .auto, maximumEdges: Int = 100) {
        let all = CircuitEdge.edges(of: circuit)
        headsOfGroup = max(1, circuit.graph.nHeads / max(1, circuit.graph.nKeyValueHeads))
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
            let share = total > 0 ? ", \(fixed(100 * lost / total, digits: 1))% of the effect," : ""
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
        if !circuit.metric.isEmpty { parts.append(circuit.metric) }
        parts.append("\(edges) of \(circuit.graph.edgeCount) edges")
        return parts.joined(separator: " · ")
    }

    private func legend(metric: String) -> [String] {
        guard let strongest = edges.last(where: { !$0.score.isNaN }) else { return [] }
        let name = metric.isEmpty ? "the score" : "the effect on \(metric)"
        var legend = "width and colour: \(name), up to \(short(abs(strongest.score)))"
        if edges.contains(where: { $0.score < 0 }) {
            legend += "; blue edges help the behaviour, red ones hurt it"
        }
        return [legend]
    }

    private func short(_ value: Float) -> String {
        fixed(Double(value), digits: value >= 10 ? 1 : value >= 0.1 ? 2 : 4)
    }
}

/// An edge of the circuit, its ends taken apart.
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
            // Within a folded block a head feeds its own layer's MLP only; no arrow joins a box to
            // itself.
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

    /// The box that a sender or receiver belongs to.
    private static func boxName(
        _ name: String, _ address: NodeAddress?, _ detail: Detail
    ) -> String {
        if detail == .layers, let address, let layer = address.layer {
            return (address.role == .mlp ? "m" : "a") + "\(layer)"
        }
        // The input is part of the arrow: `a3.h7<q>@12` belongs to the box `a3.h7@12`.
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
                nodes["a\(layer)"]?.heads.insert(head)
            }
        }
    }
}
