package import Artifacts
package import Basics

/// How finely a graph is cut into nodes.
package enum GraphLevel: String, Hashable, Sendable, CaseIterable {
    /// The attention (`a3`) and the MLP (`m3`) of each layer.
    case layer
    /// Heads, without their inputs apart (`a3.h7`; what grouped heads share is `a3.kv1`), and MLPs.
    case head
    /// Heads with their query, key and value inputs, and MLPs: the level of circuits.
    case edge
    /// Edges, and besides them the neurons of every node (`m3.n512`).
    case neuron

    /// The level of this name.
    /// - Throws: `Failure` that lists the names there are.
    package init(named name: String) throws(Failure) {
        guard let level = GraphLevel(rawValue: name) else {
            throw Failure(
                .usage, "there is no level '\(name)'; choose one of \(GraphLevel.listOfNames)")
        }
        self = level
    }

    /// The level of a graph, which may have its nodes at each position: its receivers' names tell.
    package init(ofReceiversIn graph: GraphTable) {
        if graph.receivers.contains(where: { $0.contains("<") }) {
            self = .edge
        } else {
            self = graph.receivers.contains { $0.contains(".") } ? .head : .layer
        }
    }

    /// The names of all levels, for people.
    package static var listOfNames: String {
        allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// The name at this level of what a node or receiver is part of; nil for a name that isn't one.
    func name(of part: String, keepingPosition: Bool) -> String? {
        guard let address = NodeAddress(part) else { return nil }
        var name: String
        switch (address.role, address.layer) {
        case (.input, _): name = Node.input.name
        case (.logits, _): name = Node.logits.name
        case (.mlp, let layer?): name = Node.mlp(layer: layer).name
        case (.attention, let layer?), (.keyValueHead, let layer?):
            name = "a\(layer)"
            if self != .layer, let head = address.head {
                name += address.role == .keyValueHead ? ".kv\(head)" : ".h\(head)"
            }
            if self != .layer, self != .head, let slot = address.slot { name += "<\(slot)>" }
        default: return nil
        }
        if keepingPosition, let position = address.position { name += "@\(position)" }
        return name
    }
}
