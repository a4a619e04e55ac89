import Artifacts
import Graphs

extension CircuitArtifact {
    /// The role of each node that has one, by the node's name.
    var roleOfNode: [String: String] {
        let known = zip(graph.nodes, roles ?? []).filter { !$0.1.isEmpty }
        return Dictionary(known, uniquingKeysWith: { first, _ in first })
    }
}

/// The edges of a circuit with what a drawing asks of them.
struct DrawnCircuit {
    /// An edge, with the names of its ends taken apart.
    struct Edge {
        var sender: String
        var receiver: String
        var senderAddress: NodeAddress?
        var receiverAddress: NodeAddress?
        /// NaN where none is known.
        var score: Float
        /// The paths from `input` to `logits` that go over it.
        var pathCount: Double
    }

    /// The edges in the circuit, in the graph's order.
    let edges: [Edge]
    /// The role of a node by its name; none for most nodes of most circuits.
    let roles: [String: String]
    /// The roles in the order in which the model computes their first nodes.
    let roleNames: [String]
    /// The number of query heads that share a key-value head.
    let headsPerGroup: Int

    init(_ circuit: CircuitArtifact, roles: [String: String]) {
        let graph = circuit.graph
        headsPerGroup = graph.headsPerKeyValueHead
        self.roles = roles
        var names: [String] = []
        for node in graph.nodes {
            if let role = roles[node], !names.contains(role) { names.append(role) }
        }
        roleNames = names
        let senders = graph.nodes.map { NodeAddress($0) }
        let receivers = graph.receivers.map { NodeAddress($0) }
        let pathCounts = (try? GraphTopology(graph))?.pathCounts(of: circuit.inCircuit)
        edges = circuit.inCircuit.indices.filter { circuit.inCircuit[$0] }.map { edge in
            let sender = Int(graph.senderOfEdge[edge])
            let receiver = Int(graph.receiverOfEdge[edge])
            return Edge(
                sender: graph.nodes[sender], receiver: graph.receivers[receiver],
                senderAddress: senders[sender], receiverAddress: receivers[receiver],
                score: circuit.scores?[edge] ?? .nan, pathCount: pathCounts?[edge] ?? 0)
        }
    }

    /// Whether any edge has a score.
    var isScored: Bool { edges.contains { !$0.score.isNaN } }

    /// The role of the node of this name and address; that of `a3.h7` is also that of `a3.h7@12`.
    func role(of name: String, _ address: NodeAddress?) -> String? {
        if let role = roles[name] { return role }
        guard var address, address.position != nil else { return nil }
        address.position = nil
        return roles[address.name]
    }
}
