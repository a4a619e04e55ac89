extension GraphTopology {
    /// How many paths of a circuit, from where nothing leads in (`input`) to where nothing leads out
    /// (`logits`), go over each edge; 0 for edges outside the circuit and loose ends. Floating-point,
    /// because a large circuit has more paths than integers can count. Shape `[edge]`.
    ///
    /// - Parameter inCircuit: which edges are in it. Shape `[edge]`.
    package func pathCounts(of inCircuit: [Bool]) -> [Double] {
        // Nodes are numbered in the order of computation: what leads into one comes before it.
        var arriving = isSource.map { $0 ? 1.0 : 0.0 }
        for node in 0..<nodeCount {
            for edge in edges(into: node) where inCircuit[edge] {
                arriving[node] += arriving[senderOfEdge[edge]]
            }
        }
        var leaving = isSink.map { $0 ? 1.0 : 0.0 }
        for node in (0..<nodeCount).reversed() {
            for edge in edges(into: node) where inCircuit[edge] {
                leaving[senderOfEdge[edge]] += leaving[node]
            }
        }
        return inCircuit.indices.map { edge in
            guard inCircuit[edge] else { return 0 }
            let onward = nodesOfReceiver[receiverOfEdge[edge]].reduce(0) { $0 + leaving[$1] }
            return arriving[senderOfEdge[edge]] * onward
        }
    }

    /// The edges into any input of a node.
    private func edges(into node: Int) -> some Sequence<Int> {
        receiversOfNode[node].lazy.flatMap { edgesIntoReceiver[$0] }
    }
}
