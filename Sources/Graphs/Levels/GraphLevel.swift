package import Artifacts
import Basics

/// How finely a graph is cut into nodes.
package enum GraphLevel: String, Hashable, Sendable, CaseIterable, NamedChoice {
    package static var noun: String { "level" }

    /// The attention (`a3`) and the MLP (`m3`) of each layer.
    case layer
    /// Heads, without their inputs apart (`a3.h7`; what grouped heads share is `a3.kv1`), and MLPs.
    case head
    /// Heads with their query, key and value inputs, and MLPs: the level of circuits.
    case edge
    /// Edges, and besides them the neurons of every node (`m3.n512`).
    case neuron

    /// The level of a graph, which may have its nodes at each position: its receivers' names tell.
    package init(ofReceiversIn graph: GraphTable) {
        if graph.receivers.contains(where: { $0.contains("<") }) {
            self = .edge
        } else {
            self = graph.receivers.contains { $0.contains(".") } ? .head : .layer
        }
    }

    /// The name at this level of what a node or receiver is part of; nil for a name that isn't one.
    func name(of part: String, keepingPosition: Bool) -> String? {
        guard var address = NodeAddress(part) else { return nil }
        address.neuron = nil
        if self == .layer { address.head = nil }
        let isAttention = address.role == .attention || address.role == .keyValueHead
        if self == .layer || self == .head || !isAttention { address.slot = nil }
        if !keepingPosition { address.position = nil }
        return address.name
    }
}
