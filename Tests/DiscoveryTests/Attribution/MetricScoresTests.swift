import Basics
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Scores by every metric against a plain PyTorch implementation in float64.
@Suite("The scores of every metric equal the reference's")
struct MetricScoresTests {
    @Test(
        "Scores by each metric's gradient equal the reference's",
        arguments: ReferencePairs.everyFamily)
    func gradients(family: String) throws {
        for (pairs, reference) in try MetricReference.cases(family) {
            for (metric, expected) in reference.metrics {
                guard let expected = expected.scores else {
                    #expect(!metric.isDifferentiable)
                    continue
                }
                let scores = try pairs.scores(by: EAPIGInputs(steps: 5), metric).mean
                // Near the full model its gradient is a small difference of probabilities.
                let tolerance: Float = metric == .jensenShannon ? 3e-4 : 1e-4
                #expect(
                    scoreGap(scores, expected) < tolerance, "\(family) \(metric.rawValue)")
            }
        }
    }

    @Test(
        "Scores of answers in several tokens equal the reference's",
        arguments: ReferencePairs.everyFamily)
    func spelledAnswers(family: String) throws {
        let metric = Metric.answerLogProbability
        let whole = try ReferencePairs(family, file: "spelled")
        let expected = try whole.reference("spelled", as: SpelledReference.self)
        let pairs = try PairActivations(
            running: metric.pairs(of: whole.dataset), with: whole.transformer)
        let experiment = try Experiment(
            ComputationalGraph(whole.transformer.configuration), transformer: whole.transformer,
            metric: metric, activations: pairs)
        let scores = try AttributionScorer(experiment, by: EAPIGInputs(steps: 5)).scores().mean
        #expect(scoreGap(scores, expected.scores) < 1e-4, "\(family)")
    }

    @Test(
        "A metric without a gradient is refused by methods that need one, and searched by others",
        arguments: [Metric.accuracy, .rank])
    func withoutGradient(metric: Metric) throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        for method in ScoringMethods.all where method.needsGradient {
            #expect(throws: Failure.self, "\(method.name)") {
                try pairs.scorer(by: method.init(), metric)
            }
        }
        let exact = try pairs.scores(by: Exact(), metric).mean
        #expect(exact.allSatisfy { $0.isFinite })
    }
}
