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
    package var passPieces: [Range<Int>] { pieces(ofAtMost: 128) }

    /// Consecutive prompts cut into pieces of at most `rows` rows, from the first prompt on; a longer
    /// prompt is a piece of its own. Where a piece begins and ends depends on the prompts up to its end
    /// and the one behind it, not on what other prompts there are: so more prompts leave all pieces but
    /// the last as they are.
    /// - Parameter prompts: how many prompts a piece has at most.
    package func pieces(ofAtMost rows: Int, prompts: Int = .max) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var first = 0
        for next in 0..<promptCount {
            let isFull = starts[next + 1] - starts[first] > rows || next - first >= prompts
            if isFull, next > first {
                pieces.append(first..<next)
                first = next
            }
        }
        if first < promptCount { pieces.append(first..<promptCount) }
        return pieces
    }
}
