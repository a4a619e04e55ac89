import Artifacts
import Engine
import ExperimentSupport
import Experiments
import Models
import Tasks
import Testing

@Suite("How well a model does a task")
struct TaskReportTests {
    @Test("Each pair's outcome is what its logits say", arguments: ["pairs", "ragged"])
    func outcomes(file: String) throws {
        let pairs = try ReferencePairs("tiny-llama", file: file)
        let report = try TaskReport(
            of: pairs.dataset, metric: .negativeLogLikelihood, transformer: pairs.transformer)
        let dVocab = pairs.transformer.configuration.dVocabOut
        let logits = try pairs.transformer.logits(of: pairs.dataset.clean.ids).array
        let values = try pairs.bound(.negativeLogLikelihood).values(logits: pairs.cleanLogits)
        for (pair, outcome) in report.cleanOutcomes.enumerated() {
            let row = Array(logits[pair * dVocab..<(pair + 1) * dVocab])
            let right = pairs.dataset.answers[pair].map { row[Int($0[0])] }
            let wrong = pairs.dataset.wrongAnswers[pair].map { row[Int($0[0])] }
            #expect(outcome.isRight == wrong.allSatisfy { other in right.contains { $0 > other } })
            let order = row.indices.sorted { row[$0] > row[$1] }
            let best = order.firstIndex { pairs.dataset.answers[pair].contains([Int32($0)]) }
            #expect(outcome.rank == best.map { $0 + 1 })
            #expect(outcome.likeliest == Int32(order[0]))
            #expect(abs(outcome.metric - values[pair]) < 1e-4)
        }
        let mean = values.reduce(0, +) / Double(values.count)
        #expect(abs(report.clean.metric - mean) < 1e-4)
    }

    @Test("Without a name, the metric is one that the answers allow")
    func fitting() throws {
        var dataset = try ReferencePairs("tiny-llama").dataset
        #expect(Metric.fitting(dataset) == .logitDifference)
        dataset.wrongAnswers = dataset.wrongAnswers.map { _ in [] }
        #expect(Metric.fitting(dataset) == .negativeLogLikelihood)
        dataset.answers = dataset.answers.map { _ in [[1, 2]] }
        #expect(Metric.fitting(dataset) == .answerLogProbability)
        dataset.answers = dataset.answers.map { _ in [[1, 2], [3]] }
        #expect(Metric.fitting(dataset) == .kl)
        dataset.answers = dataset.answers.map { _ in [] }
        #expect(Metric.fitting(dataset) == .kl)
    }

    @Test("Each pair of a chain counts by itself in the log-probability of answers")
    func chain() throws {
        let pairs = try ReferencePairs("tiny-llama")
        let metric = Metric.answerLogProbability
        var dataset = pairs.dataset.selecting([0, 1])
        dataset.answers = [[[3]], [[4]]]
        dataset.clean.ids[1] = dataset.clean.ids[0] + [3]
        dataset.corrupted.ids[1] = dataset.corrupted.ids[0] + [3]
        let together = try TaskReport(of: dataset, metric: metric, transformer: pairs.transformer)
        let apart = try (0..<2).map {
            try TaskReport(
                of: dataset.selecting([$0]), metric: metric, transformer: pairs.transformer
            ).clean.metric
        }
        #expect(abs(together.clean.metric - (apart[0] + apart[1]) / 2) < 1e-4)
        for (one, other) in zip(together.cleanOutcomes, apart) {
            #expect(abs(one.metric - other) < 1e-4)
        }
    }
}
