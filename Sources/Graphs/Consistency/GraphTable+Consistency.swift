import Artifacts
import Basics

extension GraphTable {
    /// The first of each: a receiver that is an input of no node, an edge whose sender isn't computed
    /// before its receiver, a name that the graph's shape has no room for.
    var contradictions: [Diagnostic] {
        var found: [Diagnostic] = []
        do throws(Failure) {
            _ = try GraphTopology(self)
        } catch {
            found.append(Diagnostic(path: "/receivers/name", error.description))
        }
        let senders = nodes.map { NodeAddress($0) }
        let readers = receivers.map { NodeAddress($0) }
        let wrong = (0..<edgeCount).first { edge in
            guard let sender = senders[Int(senderOfEdge[edge])],
                let reader = readers[Int(receiverOfEdge[edge])]
            else { return false }
            return !isComputed(sender, before: reader)
        }
        if let wrong {
            found.append(
                Diagnostic(
                    path: "/edges/sender[\(wrong)]",
                    "the edge \(edgeName(wrong)) leads to what isn't computed after it"))
        }
        for (names, addresses, path) in [
            (nodes, senders, "/nodes/name"), (receivers, readers, "/receivers/name"),
        ] {
            guard let index = addresses.firstIndex(where: { $0.map(fits) == false }) else {
                continue
            }
            found.append(
                Diagnostic(
                    path: "\(path)[\(index)]",
                    "\(names[index]) isn't in a graph of \(nLayers) layers, \(nHeads) heads and "
                        + "\(nKeyValueHeads) key-value heads"))
        }
        return found
    }

    /// Whether what a sender adds to the residual stream is there when the receiver reads it.
    private func isComputed(_ sender: NodeAddress, before receiver: NodeAddress) -> Bool {
        if let position = sender.position, let read = receiver.position, position != read {
            return false
        }
        return stage(sender) < stage(receiver)
    }

    /// The place in the order of computation: what has the same one reads the same residual stream.
    private func stage(_ address: NodeAddress) -> Int {
        switch address.role {
        case .input: -1
        case .attention, .keyValueHead: 2 * (address.layer ?? 0)
        case .mlp: 2 * (address.layer ?? 0) + (parallelAttentionMLP ? 0 : 1)
        case .logits: .max
        }
    }

    private func fits(_ address: NodeAddress) -> Bool {
        let heads = address.role == .keyValueHead ? nKeyValueHeads : nHeads
        return address.layer ?? -1 < nLayers && address.head ?? -1 < heads
    }
}
