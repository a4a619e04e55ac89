import Artifacts
import Tasks
import TestSupport
import Testing

@Suite("Checks of a dataset")
struct DatasetFindingTests {
    /// Twenty good pairs: clean i 50+i 1, corrupted i 80+i 1, answers of one token.
    private var dataset: DatasetArtifact {
        let pairs = Int32(0)..<20
        return DatasetArtifact(
            model: .sample, task: "t", clean: Prompts(ids: pairs.map { [$0, 50 + $0, 1] }),
            corrupted: Prompts(ids: pairs.map { [$0, 80 + $0, 1] }),
            answers: pairs.map { [[100 + $0]] }, wrongAnswers: pairs.map { [[200 + $0]] })
    }

    private func verdict(_ check: String, of dataset: DatasetArtifact) -> DatasetFinding.Verdict? {
        dataset.findings.first { $0.check == check }?.verdict
    }

    @Test("A good dataset is green in all of them, without advice")
    func good() {
        #expect(
            dataset.findings.map(\.check) == [
                "pairs", "duplicates", "answers", "balance", "copying", "lengths",
            ])
        #expect(dataset.findings.allSatisfy { $0.verdict == .green && $0.advice.isEmpty })
    }

    @Test("Few pairs, and pairs that are there twice")
    func pairs() {
        #expect(verdict("pairs", of: dataset.selecting([0, 1])) == .yellow)
        #expect(verdict("duplicates", of: dataset.selecting(Array(0..<19) + [0])) == .yellow)
        #expect(verdict("duplicates", of: dataset.selecting(Array(0..<10) + Array(0..<5))) == .red)
    }

    @Test("One answer for most, or all, pairs")
    func balance() {
        var most = dataset
        for pair in 0..<13 { most.answers[pair] = [[7]] }
        #expect(verdict("balance", of: most) == .yellow)
        most.answers = most.answers.map { _ in [[7]] }
        #expect(verdict("balance", of: most) == .red)
    }

    @Test("An answer to copy, which a wrong answer in the same prompt makes harmless")
    func copying() {
        var copied = dataset
        for pair in 0..<20 { copied.clean.ids[pair][1] = copied.answers[pair][0][0] }
        #expect(verdict("copying", of: copied) == .yellow)
        for pair in 0..<20 { copied.clean.ids[pair][0] = copied.wrongAnswers[pair][0][0] }
        #expect(verdict("copying", of: copied) == .green)
    }

    @Test("Answers of several tokens, none, and lengths")
    func answers() {
        var other = dataset
        other.wrongAnswers[3] = []
        #expect(verdict("answers", of: other) == .yellow)
        other = dataset
        other.answers[3] = [[1, 2]]
        #expect(verdict("answers", of: other) == .yellow)
        other.answers[3] = []
        #expect(verdict("answers", of: other) == .yellow)
        other = dataset
        other.clean.ids[0].append(1)
        other.corrupted.ids[0].append(1)
        #expect(verdict("lengths", of: other) == .yellow)
        #expect(DatasetFinding.Verdict.allCases.max() == .red)
    }

    @Test("Pairs that go on where others end are no tokens of one answer")
    func neighbours() throws {
        var chain = dataset.selecting([0, 1])
        chain.clean.ids[1] = chain.clean.ids[0] + chain.answers[0][0]
        chain.corrupted.ids[1] = chain.corrupted.ids[0] + chain.answers[0][0]
        let read = try Metric.answerLogProbability.pairs(of: chain)
        #expect(read.spelledAnswers == [0..<1, 1..<2])
        chain.answers[1] = [[5, 6]]
        #expect(
            try Metric.answerLogProbability.pairs(of: chain).spelledAnswers == [0..<1, 1..<3])
    }
}
