package import Artifacts

/// The part that an attention head plays in a circuit, in terms that don't depend on the model: what it
/// reads and writes in the circuit, how deep it lies, and what it attends to.
package struct HeadRole: Hashable, Sendable {
    /// The head's name: `a3.h7`.
    package var name: String
    /// The middle of its layer as a share of the model's layers: between 0 and 1.
    package var depth: Double
    /// Of the circuit's edges into the head, each by the size of its score: `q<-mlp`, `v<-head`, ...
    /// Nil where the circuit has none.
    package var reads: Distribution?
    /// Of the circuit's edges from the head, each by the size of its score: `q`, `k`, `v`, `mlp` or
    /// `logits`, and `-logits` where the score is negative: what works against the behaviour plays
    /// another part than what works for it. Nil where the circuit has none.
    package var writes: Distribution?
    /// What it attends to and where it acts; nil where no activations were given.
    package var attention: AttentionRole?

    /// A role from its parts.
    package init(
        name: String, depth: Double, reads: Distribution? = nil, writes: Distribution? = nil,
        attention: AttentionRole? = nil
    ) {
        self.name = name
        self.depth = depth
        self.reads = reads
        self.writes = writes
        self.attention = attention
    }

    /// The head's address, `a3.h7`; nil for a node that isn't a head. Positions and neurons are left out.
    static func head(ofNode name: String) -> NodeAddress? {
        guard let address = NodeAddress(name), address.role == .attention,
            let layer = address.layer, let head = address.head
        else { return nil }
        return NodeAddress(.attention, layer: layer, head: head)
    }
}

extension CircuitArtifact {
    /// The roles of the circuit's heads, in the order of computation.
    ///
    /// A key-value head's edges are those of each head of the circuit that reads it. Edges without a
    /// score, in a circuit that has others, count nothing; without any scores all count alike.
    package func headRoles(activations: ActivationCache?) throws(ArtifactError) -> [HeadRole] {
        let heads = headsInCircuit
        var reads = [[String: Double]](repeating: [:], count: heads.count)
        var writes = reads
        let places = Dictionary(
            heads.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let senders = graph.nodes.map { NodeAddress($0) }
        let receivers = graph.receivers.map { NodeAddress($0) }
        for edge in 0..<graph.edgeCount where inCircuit[edge] {
            guard let sender = senders[Int(graph.senderOfEdge[edge])],
                let receiver = receivers[Int(graph.receiverOfEdge[edge])]
            else { continue }
            let amount = scores.map { $0[edge].isFinite ? Double(abs($0[edge])) : 0 } ?? 1
            if let head = HeadRole.head(ofNode: graph.nodes[Int(graph.senderOfEdge[edge])]),
                let place = places[head]
            {
                let isHarm = (scores?[edge] ?? 0) < 0
                writes[place][(isHarm ? "-" : "") + receiver.roleName, default: 0] += amount
            }
            for head in readers(of: receiver) {
                guard let place = places[head] else { continue }
                reads[place]["\(receiver.roleName)<-\(sender.roleName)", default: 0] += amount
            }
        }
        var attention: [Int: [AttentionRole]] = [:]
        if let activations {
            for layer in Set(heads.compactMap(\.layer)) {
                attention[layer] = try activations.attentionRoles(ofLayer: layer)
            }
        }
        return heads.enumerated().map { place, head in
            let layer = head.layer ?? 0
            return HeadRole(
                name: head.name,
                depth: (Double(layer) + 0.5) / Double(max(1, graph.nLayers)),
                reads: Distribution(reads[place]), writes: Distribution(writes[place]),
                attention: attention[layer].flatMap { roles in
                    head.head.flatMap { roles.indices.contains($0) ? roles[$0] : nil }
                })
        }
    }

    /// The heads of the circuit, each once whatever its positions, in the order of computation.
    private var headsInCircuit: [NodeAddress] {
        var seen: Set<NodeAddress> = []
        return graph.nodes.indices.compactMap { node in
            guard nodeInCircuit[node], let head = HeadRole.head(ofNode: graph.nodes[node]),
                seen.insert(head).inserted
            else { return nil }
            return head
        }
    }

    /// The heads that read what a receiver takes in: one, or those that share a key-value head.
    private func readers(of receiver: NodeAddress) -> [NodeAddress] {
        guard let layer = receiver.layer, let head = receiver.head else { return [] }
        switch receiver.role {
        case .attention: return [NodeAddress(.attention, layer: layer, head: head)]
        case .keyValueHead:
            let size = graph.headsPerKeyValueHead
            return (head * size..<(head + 1) * size).map {
                NodeAddress(.attention, layer: layer, head: $0)
            }
        default: return []
        }
    }
}
