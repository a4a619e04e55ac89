import Graphs

/// How well scores distinguish the edges of a known circuit from the others: the share of the circuit's edges
/// that are found against the share of the others that are taken for them, for every threshold.
///
/// Edges of equal score are found together. The points (0, 0) and (1, 1) are always there. Edges
/// without a score (NaN) are found last.
package struct ROCCurve: Hashable, Sendable {
    /// The share of edges outside of the known circuit that were found, ascending.
    package private(set) var falsePositiveRates: [Double] = [0]
    /// The share of the known circuit's edges that were found, ascending.
    package private(set) var truePositiveRates: [Double] = [0]
    /// The number of edges found at each point.
    package private(set) var edgeCounts: [Int] = [0]

    /// The curve of scores.
    /// - Parameters:
    ///   - scores: one an edge.
    ///   - truth: whether each edge is in the known circuit.
    ///   - absolute: whether scores count by their size.
    /// - Returns: nil if the known circuit has no edge, or every one.
    package init?(_ scores: [Float], truth: [Bool], absolute: Bool) {
        let all = truth.count { $0 }
        guard all > 0, all < truth.count, scores.count == truth.count else { return nil }
        let ranking = EdgeRanking(best: scores, absolute: absolute)
        var (found, wrong) = (0, 0)
        for (rank, edge) in ranking.order.enumerated() {
            if truth[edge] { found += 1 } else { wrong += 1 }
            if rank + 1 < ranking.order.count {
                let (score, next) = (scores[edge], scores[ranking.order[rank + 1]])
                if score == next || (absolute && abs(score) == abs(next)) { continue }
            }
            append(
                Double(wrong) / Double(truth.count - all), Double(found) / Double(all), rank + 1)
        }
        append(1, 1, truth.count)
    }

    /// Adds a point. The last one goes if it lies on a level or upright line between its neighbours:
    /// no area depends on it, and most of a large graph's points are such.
    private mutating func append(_ x: Double, _ y: Double, _ edges: Int) {
        let last = edgeCounts.count - 1
        if falsePositiveRates[last] == x, truePositiveRates[last] == y {
            edgeCounts[last] = edges
            return
        }
        if last > 0 {
            let isLevel = truePositiveRates[last - 1] == y
            let isUpright = falsePositiveRates[last - 1] == x
            if (isLevel && truePositiveRates[last] == y)
                || (isUpright && falsePositiveRates[last] == x)
            {
                falsePositiveRates.removeLast()
                truePositiveRates.removeLast()
                edgeCounts.removeLast()
            }
        }
        falsePositiveRates.append(x)
        truePositiveRates.append(y)
        edgeCounts.append(edges)
    }

    /// The area under the lowest staircase through the points (ACDC's `pessimistic_auc`): nothing
    /// counts as found between two points.
    package var pessimisticArea: Double {
        var area = 0.0
        for point in edgeCounts.indices.dropFirst() {
            area +=
                (1 - falsePositiveRates[point])
                * (truePositiveRates[point] - truePositiveRates[point - 1])
        }
        return area
    }

    /// The area under straight lines between the points: the chance that an edge of the circuit has
    /// the better score of two, one inside and one outside, equal ones counting half.
    package var trapezoidArea: Double { trapezoid(falsePositiveRates, truePositiveRates) }
}
