/// A node of the computational graph, named as in the MIB benchmark's circuit files.
///
/// All but `logits` are senders: they add their output to the residual stream.
package enum Node: Hashable, Sendable {
    /// Token and position embeddings together.
    case input
    /// An attention head.
    case head(layer: Int, head: Int)
    /// An MLP.
    case mlp(layer: Int)
    /// The final normalisation and unembedding.
    case logits

    /// `input`, `a3.h7`, `m3` or `logits`.
    package var name: String {
        let address =
            switch self {
            case .input: NodeAddress(.input)
            case .head(let layer, let head): NodeAddress(.attention, layer: layer, head: head)
            case .mlp(let layer): NodeAddress(.mlp, layer: layer)
            case .logits: NodeAddress(.logits)
            }
        return address.name
    }

    /// The node of this name, or nil if it isn't one.
    package init?(name: some StringProtocol) {
        guard let address = NodeAddress(String(name)), address.slot == nil, address.neuron == nil,
            address.position == nil
        else { return nil }
        switch (address.role, address.layer, address.head) {
        case (.input, _, _): self = .input
        case (.logits, _, _): self = .logits
        case (.mlp, let layer?, _): self = .mlp(layer: layer)
        case (.attention, let layer?, let head?): self = .head(layer: layer, head: head)
        default: return nil
        }
    }

    /// The layer of a head or MLP.
    package var layer: Int? {
        switch self {
        case .head(let layer, _), .mlp(let layer): layer
        case .input, .logits: nil
        }
    }
}
