package import Artifacts
import Basics

/// The bootstrap over pairs: how much a figure would vary if other pairs had been drawn.
///
/// A figure is a function of means over pairs. Each sample draws as many pairs as there are, with
/// repetition; the interval lies between percentiles of the figure over all samples, interpolated
/// linearly. Only values per pair are read, so no model runs again.
package struct PairResampling: Sendable {
    /// How the intervals are made; nil if none are wanted, or can be had.
    package let bootstrap: EvaluationArtifact.Bootstrap?
    /// The pairs of each sample, `[sample][draw]`.
    let samples: [[Int]]

    /// Resampling of `pairCount` pairs; without `bootstrap`, or with a single pair or sample, which
    /// shows no spread, there are no intervals.
    package init(pairCount: Int, _ bootstrap: EvaluationArtifact.Bootstrap?) {
        guard let bootstrap, pairCount > 1, bootstrap.samples > 1 else {
            self.bootstrap = nil
            samples = []
            return
        }
        self.bootstrap = bootstrap
        var generator = SplitMix64(seed: UInt64(bitPattern: Int64(bootstrap.seed)))
        samples = (0..<bootstrap.samples).map { _ in
            (0..<pairCount).map { _ in Int(generator.nextUnit() * Double(pairCount)) }
        }
    }

    /// The interval of a figure; NaN where there is none.
    /// - Parameter statistic: the figure, given what takes the mean of values per pair.
    package func interval(_ statistic: (PairMean) -> Double) -> (lower: Double, upper: Double) {
        guard let bootstrap, !samples.isEmpty else { return (.nan, .nan) }
        // A sample in which the full model does as badly as the ablated one has no faithfulness.
        let values = samples.map { statistic(PairMean(chosen: $0)) }.filter { !$0.isNaN }.sorted()
        let tail = (1 - bootstrap.confidence) / 2
        return (percentile(tail, of: values), percentile(1 - tail, of: values))
    }

    /// A figure with its interval.
    package func figure(
        _ name: String, _ statistic: (PairMean) -> Double
    ) -> EvaluationArtifact.Figure {
        let (lower, upper) = interval(statistic)
        return EvaluationArtifact.Figure(
            name: name, value: statistic(.ofAll), lower: lower, upper: upper)
    }

    /// A curve with an interval at each point.
    /// - Parameters:
    ///   - x: the points, `[point]`.
    ///   - edgeCounts: the size of the circuit at each point.
    ///   - statistic: the height at a point.
    func curve(
        _ name: String, xLabel: String, yLabel: String, x: [Double], edgeCounts: [Int]? = nil,
        _ statistic: (_ point: Int, _ mean: PairMean) -> Double
    ) -> EvaluationArtifact.Curve {
        let intervals = x.indices.map { point in interval { statistic(point, $0) } }
        return EvaluationArtifact.Curve(
            name: name, xLabel: xLabel, yLabel: yLabel, x: x,
            y: x.indices.map { statistic($0, .ofAll) },
            lower: bootstrap.map { _ in intervals.map(\.lower) },
            upper: bootstrap.map { _ in intervals.map(\.upper) }, edgeCounts: edgeCounts)
    }
}

/// The mean over all pairs, or over those that a sample drew.
package struct PairMean: Sendable {
    /// The pairs, some more than once; nil for each once.
    let chosen: [Int]?

    /// The plain mean.
    static let ofAll = PairMean(chosen: nil)

    /// The mean of values `[pair]`.
    package func callAsFunction(_ values: [Double]) -> Double {
        guard let chosen else { return values.reduce(0, +) / Double(values.count) }
        return chosen.reduce(0) { $0 + values[$1] } / Double(chosen.count)
    }
}
