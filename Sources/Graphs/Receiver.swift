/// The three inputs of an attention head.
package enum AttentionInput: Character, Hashable, Sendable, CaseIterable {
    /// What its queries are made of.
    case query = "q"
    /// What its keys are made of.
    case key = "k"
    /// What its values are made of.
    case value = "v"
}

/// Where an edge ends: an input of a node, which reads the residual stream.
package enum Receiver: Hashable, Sendable {
    /// An input of one query head. Keys and values have these where heads don't share them, or
    /// where the graph is ungrouped.
    case head(layer: Int, head: Int, AttentionInput)
    /// The keys or values that a group of query heads shares (grouped-query attention).
    case group(layer: Int, group: Int, AttentionInput)
    /// The input of an MLP.
    case mlp(layer: Int)
    /// The input of the final normalisation.
    case logits

    /// `a3.h7<q>`, `a3.kv1<k>`, `m3` or `logits`.
    package var name: String {
        let address =
            switch self {
            case .head(let layer, let head, let input):
                NodeAddress(.attention, layer: layer, head: head, slot: input.rawValue)
            case .group(let layer, let group, let input):
                NodeAddress(.keyValueHead, layer: layer, head: group, slot: input.rawValue)
            case .mlp(let layer): NodeAddress(.mlp, layer: layer)
            case .logits: NodeAddress(.logits)
            }
        return address.name
    }

    /// Whether positions read what it makes at others too: keys and values, not queries.
    package var isReadFromLaterPositions: Bool {
        switch self {
        case .head(_, _, let input), .group(_, _, let input): input != .query
        case .mlp, .logits: false
        }
    }

    /// The layer it belongs to; nil for `logits`.
    package var layer: Int? {
        switch self {
        case .head(let layer, _, _), .group(let layer, _, _), .mlp(let layer): layer
        case .logits: nil
        }
    }
}
