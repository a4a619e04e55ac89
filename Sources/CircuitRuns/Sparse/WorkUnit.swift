import Engine

/// What one thread evaluates at a time: some variants of the tested input, for the pairs of a piece.
package struct WorkUnit: Hashable, Sendable {
    /// The pairs.
    package let pairs: Range<Int>
    /// The variants, of all that are evaluated side by side.
    package let variants: Range<Int>

    /// How many rows a unit has at most, if a variant of its pairs has no more.
    ///
    /// Where all active rows of some nodes are computed, others are computed at the last ones alone:
    /// of the widest product of the former these have a seventh of the rows, as a rule, and the fewer
    /// there are, the more of the time goes into packing weights. Where all are computed at the last rows,
    /// it is half of the widest product: 256 rows have 98% of the speed of 512, and there are twice as
    /// many units for threads; 128 have 93% (SmolLM2's MLP, AVX-512 panels).
    static func mostRows(_ widest: ActiveRows.Extent) -> Int {
        widest == .all ? BLAS.mostOwnRows : BLAS.mostOwnRows / 2
    }
}
