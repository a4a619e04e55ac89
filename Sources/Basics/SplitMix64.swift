/// A small generator of random numbers with a documented algorithm, so that a seed gives the same
/// prompts, orders and samples everywhere and always (Steele, Lea and Flood 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that starts from `seed`.
    package init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 up to 1, one of 2^53.
    package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

extension SplitMix64 {
    /// A generator of its own for each node in a tree of draws, so that their order doesn't matter.
    package init(seed: UInt64, branches: [Int]) {
        var state = seed
        for branch in branches {
            var generator = SplitMix64(seed: state)
            state = generator.next() ^ UInt64(bitPattern: Int64(branch))
        }
        self.init(seed: state)
    }
}
