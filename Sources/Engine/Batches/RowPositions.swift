import Models

/// Where the rows of a batch are in their prompts: what rotation and attention need to know of them.
package struct RowPositions: Sendable {
    /// The position of each row.
    package let positions: Buffer<Int32>
    /// How many keys the query at each row may see, counted from the prompt's first.
    package let visibleKeys: Buffer<Int32>

    /// Every position of prompts of these lengths, packed.
    package init(lengths: [Int], in transformer: Transformer) {
        self.init(lengths.map { 0..<$0 }, ofLengths: lengths, in: transformer)
    }

    /// Some positions of each prompt, packed.
    /// - Parameters:
    ///   - ranges: the positions, of each prompt.
    ///   - lengths: the length of each prompt.
    package init(_ ranges: [Range<Int>], ofLengths lengths: [Int], in transformer: Transformer) {
        let isCausal = transformer.configuration.isCausal
        positions = Buffer(ranges.flatMap { $0.map { Int32($0) } })
        visibleKeys = Buffer(
            zip(ranges, lengths).flatMap { range, length in
                range.map { Int32(isCausal ? $0 + 1 : length) }
            })
    }
}
