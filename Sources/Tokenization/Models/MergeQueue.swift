/// Merges the tokens of one word in the order of their ranks: byte-pair encoding proper.
///
/// The word is a doubly linked list and the possible merges a binary heap, so that a word of n
/// bytes costs O(n log n) even where it is one run of ten thousand equal characters, or a whole
/// text. The buffers are kept from word to word.
struct MergeQueue {
    /// A possible merge of the token at `position` with the one after it, as they were when it
    /// was found.
    private struct Candidate {
        var rank: UInt64
        var position: Int32
        var left: Int32
        var right: Int32
        var result: Int32

        static func < (first: Candidate, second: Candidate) -> Bool {
            first.rank != second.rank
                ? first.rank < second.rank : first.position < second.position
        }
    }

    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var heap: [Candidate] = []
    /// What each temporary token found in the word is made of.
    private(set) var partsOfTemporary: [Int32: (left: Int32, right: Int32)] = [:]

    /// Merges `word` in place.
    mutating func merge(_ word: inout [Int32], with rules: some MergeRules) {
        guard word.count > 1 else { return }
        let count = Int32(word.count)
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        partsOfTemporary.removeAll(keepingCapacity: true)
        for position in 0..<count {
            next.append(position + 1)
            previous.append(position - 1)
        }
        for position in 0..<count - 1 { enqueue(position, in: word, rules) }
        while let candidate = popFirst() {
            let position = Int(candidate.position)
            let right = next[position]
            // A stale entry: one of the two was merged into another token meanwhile.
            guard word[position] == candidate.left, right < count,
                word[Int(right)] == candidate.right
            else { continue }
            word[position] = candidate.result
            word[Int(right)] = Self.merged
            let after = next[Int(right)]
            next[position] = after
            if after < count {
                previous[Int(after)] = candidate.position
                enqueue(candidate.position, in: word, rules)
            }
            if previous[position] >= 0 { enqueue(previous[position], in: word, rules) }
        }
        word.removeAll { $0 == Self.merged }
    }

    /// What stands in a word where a token was merged into the one before it.
    private static let merged = Int32.min

    private mutating func enqueue(
        _ position: Int32, in word: [Int32], _ rules: some MergeRules
    ) {
        let left = word[Int(position)]
        let right = word[Int(next[Int(position)])]
        guard let merge = rules.merge(left, right) else { return }
        if merge.isTemporary { partsOfTemporary[merge.result] = (left, right) }
        heap.append(
            Candidate(
                rank: merge.rank, position: position, left: left, right: right,
                result: merge.result))
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func popFirst() -> Candidate? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var smallest = 2 * parent + 1
                if smallest >= heap.count { break }
                if smallest + 1 < heap.count, heap[smallest + 1] < heap[smallest] { smallest += 1 }
                guard heap[smallest] < heap[parent] else { break }
                heap.swapAt(parent, smallest)
                parent = smallest
            }
        }
        return first
    }
}
