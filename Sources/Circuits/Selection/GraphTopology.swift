public import Artifacts

/// Which node each edge of a stored graph starts from and which nodes it leads into.
///
/// An edge into the keys or values of a key-value head leads into every query head that shares them.
/// Works on graphs of any level: names say what belongs together.
public struct GraphTopology: Sendable {
    /// Number of nodes.
    public let nodeCount: Int
    /// The node that each edge starts from. Shape `[edge]`.
    let senderOfEdge: [Int]
    /// The receiver that each edge ends at. Shape `[edge]`.
    let receiverOfEdge: [Int]
    /// The nodes that each receiver is an input of.
    let nodesOfReceiver: [[Int]]
    /// The receivers that are inputs of each node.
    let receiversOfNode: [[Int]]
    /// The edges into each receiver, ascending.
    let edgesIntoReceiver: [[Int]]
    /// Nodes that nothing leads into in the whole graph, such as `input`.
    let isSource: [Bool]
    /// Nodes that lead nowhere in the whole graph: `logits`.
    let isSink: [Bool]

    /// The topology of a graph.
    /// - Throws: `CircuitError` if a receiver is the input of no node.
    public init(_ graph: GraphTable) throws(CircuitError) {
        nodeCount = graph.nodes.count
        senderOfEdge = graph.senderOfEdge.map(Int.init)
        receiverOfEdge = graph.receiverOfEdge.map(Int.init)
        nodesOfReceiver = try Self.nodes(ofReceiversIn: graph)
        var receiversOfNode = [[Int]](repeating: [], count: graph.nodes.count)
        for (receiver, nodes) in nodesOfReceiver.enumerated() {
            for node in nodes { receiversOfNode[node].append(receiver) }
        }
        self.receiversOfNode = receiversOfNode
        var edges = [[Int]](repeating: [], count: graph.receivers.count)
        var isSink = [Bool](repeating: true, count: nodeCount)
        for edge in senderOfEdge.indices {
            edges[receiverOfEdge[edge]].append(edge)
            isSink[senderOfEdge[edge]] = false
        }
        edgesIntoReceiver = edges
        self.isSink = isSink
        isSource = receiversOfNode.map { receivers in receivers.allSatisfy { edges[$0].isEmpty } }
    }

    private static func nodes(
        ofReceiversIn graph: GraphTable
    ) throws(CircuitError) -> [[Int]] {
        let indexOfNode = Dictionary(
            zip(graph.nodes, graph.nodes.indices), uniquingKeysWith: { first, _ in first })
        let heads = graph.nodes.indices.compactMap { index in
            NodeAddress(graph.nodes[index]).flatMap {
                $0.role == .attention && $0.head != nil ? (index, $0) : nil
            }
        }
        let share = max(1, graph.nHeads / max(1, graph.nKeyValueHeads))
        var result: [[Int]] = []
        for name in graph.receivers {
            // `a3.h7<q>@12` is an input of the node `a3.h7@12`.
            let open = name.firstIndex(of: "<") ?? name.endIndex
            let close = name[open...].firstIndex(of: ">").map { name.index(after: $0) }
            if let node = indexOfNode[String(name[..<open] + name[(close ?? open)...])] {
                result.append([node])
                continue
            }
            let address = NodeAddress(name)
            let readers = heads.filter { _, head in
                address?.role == .keyValueHead && head.layer == address?.layer
                    && head.head.map { $0 / share } == address?.head
                    && head.position == address?.position
            }
            if readers.isEmpty {
                throw CircuitError(
                    .badData, "the receiver \(name) is an input of no node of the stored graph")
            }
            result.append(readers.map(\.0))
        }
        return result
    }

    /// The edges of a circuit without its loose ends, to a fixed point: a node without an incoming or
    /// without an outgoing edge goes, and an edge goes with either of its ends. What nothing leads
    /// into in the whole graph (`input`) needs no incoming edge, and `logits` no outgoing one.
    /// - Parameter inCircuit: which edges are in it. Shape `[edge]`.
    public func pruned(_ inCircuit: [Bool]) -> [Bool] {
        var edges = inCircuit.indices.filter { inCircuit[$0] }
        while true {
            let ends = ends(of: edges)
            let alive = (0..<nodeCount).map { node in
                (ends.entered[node] || isSource[node]) && (ends.left[node] || isSink[node])
            }
            let kept = edges.filter { edge in
                alive[senderOfEdge[edge]]
                    && nodesOfReceiver[receiverOfEdge[edge]].contains { alive[$0] }
            }
            if kept.count == edges.count { break }
            edges = kept
        }
        var result = [Bool](repeating: false, count: inCircuit.count)
        for edge in edges { result[edge] = true }
        return result
    }

    /// The nodes of a circuit without loose ends: those that its edges join. Of the heads that share
    /// a key or value input, those with an outgoing edge. Shape `[node]`.
    public func nodes(ofPruned inCircuit: [Bool]) -> [Bool] {
        let ends = ends(of: inCircuit.indices.filter { inCircuit[$0] })
        return (0..<nodeCount).map { ends.left[$0] || (isSink[$0] && ends.entered[$0]) }
    }

    /// Which nodes edges lead into and which they leave.
    private func ends(of edges: [Int]) -> (entered: [Bool], left: [Bool]) {
        var entered = [Bool](repeating: false, count: nodeCount)
        var left = [Bool](repeating: false, count: nodeCount)
        for edge in edges {
            left[senderOfEdge[edge]] = true
            for node in nodesOfReceiver[receiverOfEdge[edge]] { entered[node] = true }
        }
        return (entered, left)
    }
}
