/// Deciding about edges from some of the pairs where those leave little doubt.
package struct PairSampling: Hashable, Sendable {
    /// How many pairs a test begins with.
    package var pairsPerTest: Int
    /// How often a decision may differ from that of all pairs, at most.
    package var errorRate: Double

    /// The error rate, if none is given.
    package static let usualErrorRate = 0.01

    /// Sampling from this many pairs on, at this error rate.
    package init(pairsPerTest: Int, errorRate: Double = Self.usualErrorRate) {
        self.pairsPerTest = pairsPerTest
        self.errorRate = errorRate
    }

    /// How decisions from samples compare with those of all pairs, by one in 64 of them that was
    /// made both ways.
    package struct Audit: Hashable, Sendable {
        /// Decisions made both ways.
        package var checked = 0
        /// Those that came out alike.
        package var agreeing = 0
        /// Decisions made from fewer than all pairs.
        package var early = 0
    }

    /// Pairs in a piece that is computed at a time: few enough for a sample to have several.
    var pairsPerPiece: Int { max(1, pairsPerTest / 8) }
}
