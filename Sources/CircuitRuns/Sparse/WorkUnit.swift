/// What one thread evaluates at a time: some variants of the tested input, for the pairs of a piece.
package struct WorkUnit: Hashable, Sendable {
    /// The pairs.
    package let pairs: Range<Int>
    /// The variants, of all that are evaluated side by side.
    package let variants: Range<Int>

    /// How many rows a unit has at most, if a variant of its pairs has no more: half of the widest
    /// product. A product of 256 rows has 98% of the speed of one of 512, and there are twice as many
    /// units for threads; one of 128 rows has 93% (SmolLM2's MLP, AVX-512 panels).
    static let mostRows = 256
}
