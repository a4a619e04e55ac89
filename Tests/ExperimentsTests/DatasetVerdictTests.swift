import ExperimentSupport
import Experiments
import Tasks
import Testing

@Suite("The verdict on a dataset")
struct DatasetVerdictTests {
    /// One check's finding on pairs whose metrics are these; a pair is right where it is above 0.
    private func finding(
        _ check: String, clean: [Double], corrupted: [Double], metric: Metric = .logitDifference
    ) throws -> DatasetFinding? {
        func outcomes(_ values: [Double]) -> [TaskReport.Outcome] {
            values.map { .init(isRight: $0 > 0, rank: 1, likeliest: 0, metric: $0) }
        }
        let report = TaskReport(
            metric: metric, clean: outcomes(clean), corrupted: outcomes(corrupted))
        return try DatasetVerdict(ReferencePairs("tiny-llama").dataset, report)
            .findings.first { $0.check == check }
    }

    @Test("A signal is green in all pairs, yellow in most of them, and red in few")
    func share() throws {
        let clean = [Double](repeating: 3, count: 20)
        for (worse, verdict) in [(0, DatasetFinding.Verdict.green), (3, .yellow), (6, .red)] {
            let corrupted = (0..<20).map { $0 < worse ? 3.5 : 1 }
            let found = try finding("signal", clean: clean, corrupted: corrupted)
            #expect(found?.verdict == verdict && found?.value == 1 - Double(worse) / 20)
        }
    }

    @Test("A difference that is there in every pair, and next to nothing, is no signal")
    func small() throws {
        let clean = [1.4, -2, 3.1, 5]
        let found = try #require(
            try finding("signal", clean: clean, corrupted: clean.map { $0 - 0.02 }))
        #expect(found.verdict == .red && found.value == 1)
        #expect(found.figure.contains("1.875 on average and 1.855 after the corrupted"))
        #expect(found.advice.contains("as good as no difference"))
        let larger = try finding("signal", clean: clean, corrupted: clean.map { $0 - 0.5 })
        #expect(larger?.verdict == .green && larger?.advice == "")
    }

    @Test("Differences that cancel out on average are no signal")
    func cancelled() throws {
        let clean = [Double](repeating: 2, count: 8)
        let corrupted = [1, 1, 1, 1, 1, 1, 4.9, 4.9]
        let found = try finding("signal", clean: clean, corrupted: corrupted)
        #expect(found?.verdict == .red && found?.value == 0.75)
    }

    @Test(
        "Exchanged sides are red, and said to be",
        arguments: [Metric.logitDifference, .negativeLogLikelihood])
    func reversed(metric: Metric) throws {
        let (low, high) = ([1.0, 1, 1, 1], [3.0, 3, 3, 3])
        let sides = metric.higherIsBetter ? (low, high) : (high, low)
        let found = try finding("signal", clean: sides.0, corrupted: sides.1, metric: metric)
        #expect(found?.verdict == .red && found?.advice.contains("exchanged") == true)
    }

    @Test("A distance from the full model has to be 0.01 after the corrupted prompts")
    func distance() throws {
        for (value, verdict) in [(0.007, DatasetFinding.Verdict.red), (0.02, .green)] {
            let found = try finding(
                "signal", clean: [0, 0, 0], corrupted: [value, value, value], metric: .kl)
            #expect(found?.verdict == verdict)
        }
    }

    @Test("Corruption is judged by the pairs that the model gets right")
    func corruption() throws {
        let clean = [4.0, 4, 4, -4, -4]
        let same = try finding("corruption", clean: clean, corrupted: [2, 2, 2, -5, -5])
        #expect(same?.verdict == .red && same?.value == 1)
        let other = try finding("corruption", clean: clean, corrupted: [-2, -2, -2, 5, 5])
        #expect(other?.verdict == .green && other?.value == 0)
        let none = try finding("corruption", clean: [-1, -1], corrupted: [1, 1])
        #expect(none == nil)
    }
}
