package import Artifacts
package import Basics

/// Which node each edge of a stored graph starts from and which nodes it leads into.
///
/// An edge into the keys or values of a key-value head leads into every query head that shares them.
/// Works on graphs of any level: names say what belongs together.
package struct GraphTopology: Sendable {
    /// Number of nodes.
    package let nodeCount: Int
    /// The node that each edge starts from. Shape `[edge]`.
    let senderOfEdge: [Int]
    /// The receiver that each edge ends at. Shape `[edge]`.
    let receiverOfEdge: [Int]
    /// The nodes that each receiver is an input of.
    package let nodesOfReceiver: [[Int]]
    /// The receivers that are inputs of each node.
    let receiversOfNode: [[Int]]
    /// The edges into each receiver, ascending.
    let edgesIntoReceiver: [[Int]]
    /// Nodes that nothing leads into in the whole graph, such as `input`.
    let isSource: [Bool]
    /// Nodes that lead nowhere in the whole graph: `logits`.
    let isSink: [Bool]

    /// The topology of a graph.
    /// - Parameter isCausal: whether positions see only those before them, which matters where nodes
    ///   exist once for each position.
    /// - Throws: `Failure` if a receiver is the input of no node.
    package init(_ graph: GraphTable, isCausal: Bool = true) throws(Failure) {
        nodeCount = graph.nodes.count
        senderOfEdge = graph.senderOfEdge.map(Int.init)
        receiverOfEdge = graph.receiverOfEdge.map(Int.init)
        nodesOfReceiver = try Self.nodes(ofReceiversIn: graph, isCausal: isCausal)
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
        ofReceiversIn graph: GraphTable, isCausal: Bool
    ) throws(Failure) -> [[Int]] {
        let indexOfNode = Dictionary(
            zip(graph.nodes, graph.nodes.indices), uniquingKeysWith: { first, _ in first })
        var attentionOfLayer: [Int: [(node: Int, address: NodeAddress)]] = [:]
        for (index, name) in graph.nodes.enumerated() {
            guard let address = NodeAddress(name), address.role == .attention,
                let layer = address.layer
            else { continue }
            attentionOfLayer[layer, default: []].append((index, address))
        }
        var result: [[Int]] = []
        for name in graph.receivers {
            let readers: [Int]
            let address = NodeAddress(name)
            if let address, address.role == .attention || address.role == .keyValueHead,
                let layer = address.layer
            {
                readers = (attentionOfLayer[layer] ?? []).filter {
                    address.isInput(of: $0.address, in: graph, isCausal: isCausal)
                }.map(\.node)
            } else if address?.role == .logits {
                // Mostly one node, though its receivers may be apart by position.
                readers = (indexOfNode[name] ?? indexOfNode[Node.logits.name]).map { [$0] } ?? []
            } else {
                readers = indexOfNode[name].map { [$0] } ?? []
            }
            if readers.isEmpty {
                throw Failure(
                    .badData, "the receiver \(name) is an input of no node of the stored graph")
            }
            result.append(readers)
        }
        return result
    }

    /// The edges of a circuit without its loose ends, to a fixed point: a node without an incoming or
    /// without an outgoing edge goes, and an edge goes with either of its ends. What nothing leads
    /// into in the whole graph (`input`) needs no incoming edge, and `logits` no outgoing one.
    /// - Parameter inCircuit: which edges are in it. Shape `[edge]`.
    package func pruned(_ inCircuit: [Bool]) -> [Bool] {
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

    /// The nodes of a circuit: those that an edge leaves, and those that an edge leads into by an
    /// input of their own. Of the heads that share a key or value input, those with an outgoing edge.
    /// Shape `[node]`.
    package func nodes(of inCircuit: [Bool]) -> [Bool] {
        var isIn = [Bool](repeating: false, count: nodeCount)
        for edge in inCircuit.indices where inCircuit[edge] {
            isIn[senderOfEdge[edge]] = true
            let readers = nodesOfReceiver[receiverOfEdge[edge]]
            if readers.count == 1 { isIn[readers[0]] = true }
        }
        return isIn
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

extension NodeAddress {
    /// Whether this receiver is an input of a node of attention in the same layer.
    /// - Parameters:
    ///   - graph: the graph of both, which says which query heads share a key-value head.
    ///   - isCausal: whether positions see only those before them.
    fileprivate func isInput(of node: NodeAddress, in graph: GraphTable, isCausal: Bool) -> Bool {
        let ofHead =
            role == .keyValueHead
            ? node.head.map(graph.keyValueHead) == head : node.head == head
        guard ofHead else { return false }
        // A query is read at its own position, keys and values at those that see it.
        guard slot != "q", let source = position, let reader = node.position else {
            return node.position == position
        }
        return isCausal ? reader >= source : true
    }
}
