/// Takes the edges of the best scores, many times over: by partial selection, in time proportional to
/// the number of edges, where ``EdgeRanking`` sorts them all.
///
/// Of equal scores the edge of the lower number is taken first, as there; an edge without a score
/// (NaN) is never taken.
package struct BestEdges: Sendable {
    /// How many edges are taken.
    package let count: Int
    /// Whether a score counts by its size.
    package let absolute: Bool
    /// The scores by which edges are ranked, in an order that selection changes.
    private var keys: [Float] = []

    /// Takes `count` edges, or as many as have a score.
    package init(count: Int, absolute: Bool) {
        self.count = max(0, count)
        self.absolute = absolute
    }

    /// The best edges of these scores, ascending by number.
    /// - Parameter scores: one an edge. Shape `[edge]`.
    package mutating func edges(of scores: UnsafeBufferPointer<Float>) -> [Int32] {
        keys.removeAll(keepingCapacity: true)
        for score in scores where !score.isNaN { keys.append(absolute ? abs(score) : score) }
        let count = min(count, keys.count)
        guard count > 0 else { return [] }
        let least = Self.largest(count, of: &keys)
        var equal = count - keys.prefix(count).count { $0 > least }
        var chosen: [Int32] = []
        chosen.reserveCapacity(count)
        for (edge, score) in scores.enumerated() {
            let key = absolute ? abs(score) : score
            if key > least {
                chosen.append(Int32(edge))
            } else if key == least, equal > 0 {
                chosen.append(Int32(edge))
                equal -= 1
            }
        }
        return chosen
    }

    /// The `rank`-th largest key, and the `rank` largest of them at the front (Hoare's selection, by
    /// the median of three).
    private static func largest(_ rank: Int, of keys: inout [Float]) -> Float {
        keys.withUnsafeMutableBufferPointer { keys in
            var (low, high) = (0, keys.count - 1)
            let wanted = rank - 1
            while low < high {
                let (a, b, c) = (keys[low], keys[(low + high) / 2], keys[high])
                let pivot = max(min(a, b), min(max(a, b), c))
                var (left, right) = (low, high)
                while left <= right {
                    while keys[left] > pivot { left += 1 }
                    while keys[right] < pivot { right -= 1 }
                    if left <= right {
                        keys.swapAt(left, right)
                        left += 1
                        right -= 1
                    }
                }
                if wanted <= right {
                    high = right
                } else if wanted >= left {
                    low = left
                } else {
                    break
                }
            }
            return keys[wanted]
        }
    }
}
