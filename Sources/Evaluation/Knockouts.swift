import Artifacts
import Basics
import Graphs

/// Random parts of a circuit that are knocked out.
package struct Knockouts: Hashable, Sendable {
    /// What is knocked out.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        /// Single edges.
        case edges
        /// Nodes, with all that they send.
        case nodes
    }

    /// What is knocked out.
    package var level: Level
    /// How many random sets.
    package var count: Int
    /// Where the random sets start.
    package var seed: UInt64

    /// Knockouts of random sets.
    package init(_ level: Level, count: Int, seed: UInt64) {
        self.level = level
        self.count = count
        self.seed = seed
    }

    /// The edges that each set cuts, in and out of the circuit. Each edge, or node, of the circuit
    /// is in a set with probability 1/2, drawn in the graph's order.
    func cutEdges(of inCircuit: [Bool], in graph: GraphTable) -> [[Int]] {
        var generator = SplitMix64(seed: seed)
        var edgesOfSender = [[Int]](repeating: [], count: graph.nodes.count)
        var hasEdge = [Bool](repeating: false, count: graph.nodes.count)
        for (edge, sender) in graph.senderOfEdge.enumerated() {
            edgesOfSender[Int(sender)].append(edge)
            if inCircuit[edge] { hasEdge[Int(sender)] = true }
        }
        let nodes = graph.nodes.indices.filter {
            hasEdge[$0] && NodeAddress(graph.nodes[$0])?.role != .input
        }
        let edges = inCircuit.indices.filter { inCircuit[$0] }
        return (0..<count).map { _ in
            switch level {
            case .edges: edges.filter { _ in generator.nextUnit() < 0.5 }
            case .nodes:
                nodes.filter { _ in generator.nextUnit() < 0.5 }.flatMap { edgesOfSender[$0] }
            }
        }
    }
}
