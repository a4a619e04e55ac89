package import Basics

extension ComputationalGraph {
    /// The receivers of these names: `m3`, `logits`, `a3.h7<q>`, `a3.kv1<k>`; a head's or MLP's node,
    /// `a3.h7`, means all that it reads by, also the keys and values that it shares.
    /// - Throws: `Failure` (usage) for a name that isn't one of this graph.
    package func receivers(named names: [String]) throws(Failure) -> Set<Int> {
        var found: Set<Int> = []
        for name in names {
            if let receiver = receivers.firstIndex(where: { $0.name == name }) {
                found.insert(receiver)
            } else if case .head(let layer, let head)? = Node(name: name), layer < nLayers,
                head < nHeads
            {
                for input in AttentionInput.allCases {
                    found.insert(receiver(layer: layer, head: head, input))
                }
            } else {
                let examples =
                    receivers.suffix(receiversPerLayer + 1).prefix(1) + receivers.suffix(2)
                throw Failure(
                    .usage,
                    "the graph has no receiver '\(name)'; there are, for example, "
                        + examples.map(\.name).joined(separator: ", "))
            }
        }
        return found
    }
}
