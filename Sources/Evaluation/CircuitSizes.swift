/// The sizes of the circuits that are taken from scores to judge them, as the MIB benchmark does.
package struct CircuitSizes: Hashable, Sendable {
    /// The shares of all edges that are taken, ascending.
    package var shares: [Double]
    /// Whether edges are taken from the logits backwards.
    package var greedy: Bool

    /// The benchmark's shares.
    package static let benchmarkShares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]

    /// Sizes, by default those of the benchmark.
    package init(shares: [Double] = benchmarkShares, greedy: Bool = false) {
        self.shares = shares
        self.greedy = greedy
    }
}
