package import Artifacts

extension ComputationalGraph {
    /// The graph with every node and edge once for each position, as artifacts store it; nodes are
    /// called `a3.h7@12`.
    ///
    /// - Parameter lengths: of the prompts, in tokens; `logits` reads nothing but where one ends.
    /// - Returns: the table, and of each of its edges the number among `[position, edge]`.
    package func table(forPromptsOf lengths: [Int]) -> (table: GraphTable, edges: [Int]) {
        let positions = lengths.max() ?? 0
        let ends = Set(lengths.map { $0 - 1 })
        var table = table
        let (senders, receivers) = (table.senderOfEdge, table.receiverOfEdge)
        func resolved(_ names: some Sequence<String>) -> [String] {
            names.flatMap { name in (0..<positions).map { "\(name)@\($0)" } }
        }
        table.level = "position"
        // Nobody reads `logits`, so it needs no positions among the nodes.
        table.nodes = resolved(table.nodes.dropLast()) + [Node.logits.name]
        table.receivers = resolved(table.receivers)
        table.senderOfEdge = []
        table.receiverOfEdge = []
        var edges: [Int] = []
        for position in 0..<positions {
            for edge in senders.indices
            where Int(receivers[edge]) != logitsReceiver || ends.contains(position) {
                edges.append(position * edgeCount + edge)
                table.senderOfEdge.append(senders[edge] * Int32(positions) + Int32(position))
                table.receiverOfEdge.append(receivers[edge] * Int32(positions) + Int32(position))
            }
        }
        return (table, edges)
    }
}
