/// Merges the tokens of one word in the order of their ranks: byte-pair encoding proper.
///
/// The word is a doubly linked list and the possible merges a binary heap, so that a word of n
/// bytes costs O(n log n) even where it is one run of ten thousand equal characters. The buffers
/// are kept from word to word.
struct MergeQueue {
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// Possible merges as `rank << 32 | position of the left token`: the smallest is the lowest
    /// rank, and of equal ranks the leftmost.
    private var heap: [UInt64] = []

    /// Merges `word` in place.
    mutating func merge(_ word: inout [Int32], with table: MergeTable) {
        guard word.count > 1 else { return }
        let count = Int32(word.count)
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        for position in 0..<count {
            next.append(position + 1)
            previous.append(position - 1)
        }
        for position in 0..<count - 1 { enqueue(position, in: word, table) }
        while let (rank, position) = popFirst() {
            let right = next[Int(position)]
            // A stale entry: one of the two was merged into another token meanwhile.
            guard word[Int(position)] >= 0, right < count,
                let merge = table.merge(word[Int(position)], word[Int(right)]), merge.rank == rank
            else { continue }
            word[Int(position)] = merge.result
            word[Int(right)] = -1
            let after = next[Int(right)]
            next[Int(position)] = after
            if after < count {
                previous[Int(after)] = position
                enqueue(position, in: word, table)
            }
            if previous[Int(position)] >= 0 { enqueue(previous[Int(position)], in: word, table) }
        }
        word.removeAll { $0 < 0 }
    }

    private mutating func enqueue(_ position: Int32, in word: [Int32], _ table: MergeTable) {
        let right = next[Int(position)]
        guard let merge = table.merge(word[Int(position)], word[Int(right)]) else { return }
        heap.append(UInt64(merge.rank) << 32 | UInt64(position))
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func popFirst() -> (rank: UInt32, position: Int32)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var smallest = parent
                for child in [2 * parent + 1, 2 * parent + 2]
                where child < heap.count && heap[child] < heap[smallest] {
                    smallest = child
                }
                if smallest == parent { break }
                heap.swapAt(parent, smallest)
                parent = smallest
            }
        }
        return (UInt32(truncatingIfNeeded: first >> 32), Int32(truncatingIfNeeded: first))
    }
}
