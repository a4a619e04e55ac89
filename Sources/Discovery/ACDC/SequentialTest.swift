/// Decides from some of the pairs whether the mean effect over all of them is below a threshold.
///
/// Pairs are looked at in growing samples, each twice the one before. A look decides if the
/// confidence interval of the mean (Student's t, narrowed for a finite population) lies on one side
/// of the threshold; else more pairs are looked at, and all of them decide in any case. The error
/// rate is divided by the number of looks (Bonferroni), so it bounds the chance of a decision other than
/// that of all pairs, as far as effects are distributed normally over pairs.
package struct SequentialTest: Sendable {
    /// What a look at a sample says.
    package enum Verdict: Equatable { case cut, keep, undecided }

    /// The sizes of the samples, in pairs; the last is all.
    package let sampleSizes: [Int]
    private let population: Int
    private let errorRate: Double
    private let rule: CutRule

    /// A test of samples from `first` of `population` pairs on.
    package init(first: Int, population: Int, errorRate: Double, rule: CutRule) {
        var sizes: [Int] = []
        var size = first
        while size < population {
            sizes.append(size)
            size *= 2
        }
        sampleSizes = sizes + [population]
        self.population = population
        self.errorRate = errorRate
        self.rule = rule
    }

    /// What these effects, one for each pair of the sample, say about all pairs.
    package func verdict(_ effects: [Double]) -> Verdict {
        let count = Double(effects.count)
        let mean = effects.reduce(0, +) / count
        if effects.count >= population { return rule.cuts(mean) ? .cut : .keep }
        guard effects.count > 1 else { return .undecided }
        let variance = effects.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let correction = Double(population - effects.count) / Double(population)
        let perLook = errorRate / Double(max(1, sampleSizes.count - 1))
        let quantile = StudentT.quantile(upperTail: perLook, degreesOfFreedom: count - 1)
        let margin = quantile * (variance / count * correction).squareRoot()
        let (low, high) = (mean - margin, mean + margin)
        return rule.cuts(allFrom: low, to: high).map { $0 ? .cut : .keep } ?? .undecided
    }
}
