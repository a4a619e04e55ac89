/// How ragged prompts lie in packed arrays `[row, ...]`: prompt after prompt, no padding.
package struct RowLayout: Hashable, Sendable {
    /// Prompt `p` has the rows `starts[p] ..< starts[p + 1]`.
    package let starts: [Int]

    /// The layout of prompts of these lengths.
    package init(lengths: [Int]) {
        var starts = [0]
        starts.reserveCapacity(lengths.count + 1)
        for length in lengths { starts.append(starts[starts.count - 1] + length) }
        self.starts = starts
    }

    /// Number of prompts.
    package var promptCount: Int { starts.count - 1 }
    /// Number of rows in all.
    package var rowCount: Int { starts[starts.count - 1] }
    /// The length of each prompt.
    package var lengths: [Int] { (0..<promptCount).map(length) }
    /// The longest prompt's length.
    package var longest: Int { (0..<promptCount).map(length).max() ?? 0 }
    /// The length of a prompt.
    package func length(_ prompt: Int) -> Int { starts[prompt + 1] - starts[prompt] }
    /// The rows of a prompt.
    package func rows(_ prompt: Int) -> Range<Int> { starts[prompt]..<starts[prompt + 1] }

    /// The pieces that a forward pass computes one by one, by any thread.
    package var passPieces: [Range<Int>] { pieces(ofAbout: 128) }

    /// Consecutive prompts cut into pieces of about `rows` rows, as equal as whole prompts allow. The
    /// pieces depend on the lengths alone.
    package func pieces(ofAbout rows: Int) -> [Range<Int>] {
        let count = (rowCount + rows - 1) / rows
        func boundariesPassed(_ row: Int) -> Int { row * count / max(1, rowCount) }
        var pieces: [Range<Int>] = []
        var first = 0
        for prompt in 0..<promptCount {
            let isFull = boundariesPassed(starts[prompt + 1]) > boundariesPassed(starts[first])
            if isFull || prompt == promptCount - 1 {
                pieces.append(first..<prompt + 1)
                first = prompt + 1
            }
        }
        return pieces
    }
}
