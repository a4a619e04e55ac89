/// How a circuit is taken from the scores of edges: by which ranking, and how much of it.
package struct EdgeSelection: Hashable, Sendable {
    /// How many edges are taken.
    package enum Size: Hashable, Sendable {
        /// This many, before loose ends go.
        case edges(Int)
        /// This share of all edges, rounded down, before loose ends go.
        case share(Double)
        /// As many as leave at most this many once loose ends are gone.
        case budget(Int)
        /// Those whose score is at least this.
        case threshold(Double)
    }

    /// A circuit that was selected.
    package struct Selected: Hashable, Sendable {
        /// How many edges were taken, before loose ends went.
        package var nominalCount: Int
        /// Which edges are in the circuit, loose ends gone. Shape `[edge]`.
        package var inCircuit: [Bool]

        /// Number of edges in the circuit, loose ends gone.
        package var edgeCount: Int { inCircuit.count { $0 } }
    }

    /// How many edges are taken.
    package var size: Size
    /// Whether edges are taken from `logits` backwards, not from the whole graph.
    package var greedy: Bool
    /// Whether scores count by their size.
    package var absolute: Bool

    /// A selection; by default from the whole graph by signed scores.
    package init(_ size: Size, greedy: Bool = false, absolute: Bool = false) {
        self.size = size
        self.greedy = greedy
        self.absolute = absolute
    }

    /// What it is called in artifacts: `top-n`, `greedy` or `threshold`.
    package var method: String {
        if greedy { return "greedy" }
        return if case .threshold = size { "threshold" } else { "top-n" }
    }

    /// The order in which it takes edges.
    package func ranking(_ scores: [Float], in graph: GraphTopology) -> EdgeRanking {
        greedy
            ? EdgeRanking(greedy: scores, absolute: absolute, in: graph)
            : EdgeRanking(best: scores, absolute: absolute)
    }

    /// Takes a circuit.
    /// - Parameters:
    ///   - scores: one an edge.
    ///   - graph: the graph of the edges.
    package func select(_ scores: [Float], in graph: GraphTopology) -> Selected {
        let ranking = ranking(scores, in: graph)
        func taking(_ count: Int) -> Selected {
            Selected(
                nominalCount: min(max(0, count), ranking.order.count),
                inCircuit: graph.pruned(ranking.first(count, of: scores.count)))
        }
        switch size {
        case .edges(let count): return taking(count)
        case .share(let share): return taking(Self.count(of: share, in: scores.count))
        case .threshold(let threshold):
            // A greedy ranking isn't sorted: it ends at the first edge that is too weak.
            let end = ranking.order.firstIndex {
                Double(absolute ? abs(scores[$0]) : scores[$0]) < threshold
            }
            return taking(end ?? ranking.order.count)
        case .budget(let budget):
            // A longer ranking contains the shorter one, so its circuit is never smaller.
            var (low, high) = (0, ranking.order.count)
            while low < high {
                let middle = (low + high + 1) / 2
                if taking(middle).edgeCount <= budget { low = middle } else { high = middle - 1 }
            }
            return taking(low)
        }
    }

    /// The number of edges that a share of all of them is, as the MIB benchmark rounds it: down.
    package static func count(of share: Double, in edgeCount: Int) -> Int {
        // 0.29 * 100 is 28.999999999999996, and means 29.
        Int((share * Double(edgeCount) * (1 + 1e-12)).rounded(.down))
    }
}
