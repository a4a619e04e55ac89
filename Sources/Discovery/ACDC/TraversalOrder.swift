import Basics
package import Graphs

/// The order in which ACDC tests edges: receivers from the output backwards, and for each receiver
/// its senders from the latest to `input`.
package enum TraversalOrder: Hashable, Sendable, NamedChoice {
    /// Heads of a layer from the last to the first: what the reference implementation's command
    /// line does.
    case cli
    /// Heads of a layer from the first to the last: its library's default.
    case library
    /// Senders of each receiver in a random order drawn from a seed.
    case shuffled(seed: UInt64)

    package static var noun: String { "order" }
    package static var offer: String { "cli, library or shuffle:SEED" }

    /// The order of this name: `cli`, `library` or `shuffle:SEED`; nil if there is none.
    package init?(name: String) {
        switch name {
        case "cli": self = .cli
        case "library": self = .library
        default:
            guard name.hasPrefix("shuffle:"), let seed = UInt64(name.dropFirst(8)) else {
                return nil
            }
            self = .shuffled(seed: seed)
        }
    }

    /// `cli`, `library` or `shuffle:SEED`.
    package var name: String {
        switch self {
        case .cli: "cli"
        case .library: "library"
        case .shuffled(let seed): "shuffle:\(seed)"
        }
    }

    /// The receivers in the order they are visited: logits, then per layer from the last its MLP,
    /// the values, keys and queries of its heads, each from the last head.
    package func receivers(of graph: ComputationalGraph) -> [Int] {
        let attention = graph.receiversPerLayer - (graph.hasMLP ? 1 : 0)
        var order = [graph.logitsReceiver]
        for layer in (0..<graph.nLayers).reversed() {
            let first = layer * graph.receiversPerLayer
            if graph.hasMLP { order.append(graph.receiver(mlp: layer)) }
            // Receivers are numbered q, k, v with heads ascending: backwards is the wanted order.
            order += (first..<first + attention).reversed()
        }
        return order
    }

    /// The senders of a receiver in the order their edges are tested.
    package func senders(of receiver: Int, in graph: ComputationalGraph) -> [Int] {
        let count = graph.senderCount(of: receiver)
        switch self {
        case .cli: return (0..<count).reversed()
        case .library:
            var order: [Int] = []
            order.reserveCapacity(count)
            let perLayer = graph.sendersPerLayer
            var start = 1 + (count - 1) / perLayer * perLayer
            if start == count { start -= perLayer }
            while start > 0 {
                let end = min(start + perLayer, count)
                if graph.hasMLP, end == start + perLayer { order.append(end - 1) }
                order += start..<min(end, start + graph.nHeads)
                start -= perLayer
            }
            order.append(0)
            return order
        case .shuffled(let seed):
            var generator = SplitMix64(seed: seed &+ UInt64(receiver) &* 0x9E37_79B9_7F4A_7C15)
            return (0..<count).shuffled(using: &generator)
        }
    }
}
