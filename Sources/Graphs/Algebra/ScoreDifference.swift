import Artifacts

/// How the scores of two circuits differ, over the edges that both have a score for.
package struct ScoreDifference: Hashable, Sendable {
    /// The number of edges with a score in both.
    package var count: Int
    /// Mean of the absolute difference.
    package var meanAbsolute: Double
    /// Largest absolute difference.
    package var maximum: Double
    /// The edge with the largest difference.
    package var maximumEdge: String
    /// Pearson's correlation of the scores; NaN where one side doesn't vary.
    package var correlation: Double

    /// Compares the scores of `entries`; nil if no entry has two.
    init?(_ entries: [CircuitDiffArtifact.Entry]) {
        let scored = entries.filter { $0.firstScore.isFinite && $0.secondScore.isFinite }
        guard let any = scored.first else { return nil }
        count = scored.count
        maximum = -1
        maximumEdge = any.name
        var total = 0.0
        var (sumA, sumB) = (0.0, 0.0)
        for entry in scored {
            let (a, b) = (Double(entry.firstScore), Double(entry.secondScore))
            total += abs(a - b)
            if abs(a - b) > maximum { (maximum, maximumEdge) = (abs(a - b), entry.name) }
            sumA += a
            sumB += b
        }
        let size = Double(scored.count)
        meanAbsolute = total / size
        let (meanA, meanB) = (sumA / size, sumB / size)
        var (varianceA, varianceB, covariance) = (0.0, 0.0, 0.0)
        for entry in scored {
            let (a, b) = (Double(entry.firstScore) - meanA, Double(entry.secondScore) - meanB)
            varianceA += a * a
            varianceB += b * b
            covariance += a * b
        }
        let scale = (varianceA * varianceB).squareRoot()
        correlation = scale > 0 ? covariance / scale : .nan
    }
}
