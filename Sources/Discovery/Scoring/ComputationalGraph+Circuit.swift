import Basics
import Graphs

extension ComputationalGraph {
    /// Refuses a circuit of another graph.
    /// - Parameter edges: which edges are in it, `[edge]`; nil is none given.
    /// - Throws: `Failure` (bad data).
    func requireCircuit(_ edges: [Bool]?) throws(Failure) {
        guard let edges, edges.count != edgeCount else { return }
        throw Failure(
            .badData,
            "the circuit has \(edges.count) edges, and the graph has \(edgeCount): "
                + "give a circuit of the same graph")
    }
}
