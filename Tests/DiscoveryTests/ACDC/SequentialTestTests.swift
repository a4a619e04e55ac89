import Basics
import Discovery
import Testing

/// Deciding from some of the pairs.
@Suite("Decisions from samples of pairs")
struct SequentialTestTests {
    /// Quantiles by `scipy.stats.t.isf`.
    @Test(
        "Quantiles of Student's t distribution equal SciPy's",
        arguments: [
            (1.0, 0.01, 31.820515953773956), (2, 0.01, 6.964556734283583),
            (3, 0.025, 3.1824463052837086), (4, 0.01, 3.746947387979197),
            (7, 0.001, 4.785289628638334), (15, 0.0005, 4.072765195903791),
            (31, 0.05, 1.6955187825458653), (255, 0.01, 2.341060063388563),
        ])
    func quantiles(degrees: Double, tail: Double, value: Double) {
        let quantile = StudentT.quantile(upperTail: tail, degreesOfFreedom: degrees)
        #expect(abs(quantile - value) < 1e-5 * value)
    }

    private func test(first: Int, population: Int, absolute: Bool = false) -> SequentialTest {
        SequentialTest(
            first: first, population: population, errorRate: 0.05,
            rule: CutRule(threshold: 1, absolute: absolute))
    }

    @Test("Sample sizes double up to the number of all pairs")
    func sizes() {
        #expect(test(first: 4, population: 50).sampleSizes == [4, 8, 16, 32, 50])
        #expect(test(first: 16, population: 16).sampleSizes == [16])
    }

    @Test("With all pairs the mean decides, whatever the variance")
    func everything() {
        let exact = test(first: 2, population: 4)
        #expect(exact.verdict([0, 0, 0, 3.9]) == .cut)
        #expect(exact.verdict([0, 0, 0, 4]) == .keep)
        #expect(test(first: 2, population: 4, absolute: true).verdict([0, 0, 0, -4]) == .keep)
    }

    @Test("A sample decides only where its effects are clearly on one side of the threshold")
    func samples() {
        let test = test(first: 4, population: 100)
        #expect(test.verdict([0.01, 0.02, 0, 0.01]) == .cut)
        #expect(test.verdict([5, 5.1, 4.9, 5]) == .keep)
        #expect(test.verdict([0, 2, 0.5, 1.7]) == .undecided)
        #expect(test.verdict([0]) == .undecided)
        let absolute = self.test(first: 4, population: 100, absolute: true)
        #expect(absolute.verdict([-5, -5.1, -4.9, -5]) == .keep)
    }

    @Test("Decisions differ from those of all pairs no more often than stated")
    func errorRate() {
        var generator = SplitMix64(seed: 1)
        var wrong = 0
        var early = 0
        let runs = 4000
        for _ in 0..<runs {
            // Near the threshold, where errors are likeliest.
            let centre = 0.7 + 0.6 * generator.nextUnit()
            let effects = (0..<64).map { _ in
                centre + (0..<12).reduce(-6) { sum, _ in sum + generator.nextUnit() }
            }
            let test = test(first: 8, population: 64)
            let truth = test.verdict(effects)
            for size in test.sampleSizes {
                let verdict = test.verdict(Array(effects.prefix(size)))
                if verdict == .undecided { continue }
                if size < 64 { early += 1 }
                if verdict != truth { wrong += 1 }
                break
            }
        }
        #expect(early > runs / 10)
        #expect(Double(wrong) <= 0.05 * Double(runs))
    }
}
