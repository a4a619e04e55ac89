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
        switch self {
        case .input: "input"
        case .head(let layer, let head): "a\(layer).h\(head)"
        case .mlp(let layer): "m\(layer)"
        case .logits: "logits"
        }
    }

    /// The node of this name, or nil if it isn't one.
    package init?(name: some StringProtocol) {
        switch name {
        case "input": self = .input
        case "logits": self = .logits
        default:
            if name.first == "m", let layer = Int(name.dropFirst()), layer >= 0 {
                self = .mlp(layer: layer)
            } else {
                let parts = name.split(separator: ".", omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].first == "a", parts[1].first == "h",
                    let layer = Int(parts[0].dropFirst()), let head = Int(parts[1].dropFirst()),
                    layer >= 0, head >= 0
                else { return nil }
                self = .head(layer: layer, head: head)
            }
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
