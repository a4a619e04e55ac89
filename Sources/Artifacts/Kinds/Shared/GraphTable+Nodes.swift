extension GraphTable {
    /// The nodes at either end of the edges that are `present`. Shape `[node]`.
    ///
    /// A key or value input that query heads share (`a3.kv1<k>`) is no node of the graph; the heads
    /// that read it count only through their own edges.
    package func nodesJoined(by present: [Bool]) -> [Bool] {
        var result = [Bool](repeating: false, count: nodes.count)
        let indexOfNode = Dictionary(
            zip(nodes, nodes.indices), uniquingKeysWith: { first, _ in first })
        let nodeOfReceiver = receivers.map { name -> Int? in
            let node = name.firstIndex(of: "<").map { String(name[..<$0]) } ?? name
            return indexOfNode[node]
        }
        for (edge, isPresent) in present.enumerated() where isPresent {
            result[Int(senderOfEdge[edge])] = true
            if let node = nodeOfReceiver[Int(receiverOfEdge[edge])] { result[node] = true }
        }
        return result
    }
}
