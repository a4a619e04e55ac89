import Artifacts
import Basics
import CircuitRuns
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Models
import Tasks
import Testing

/// Every metric against a plain PyTorch implementation in float64.
@Suite("Metrics equal the reference's")
struct MetricReferenceTests {
    @Test(
        "Each metric of each pair equals the reference's", arguments: ReferencePairs.everyFamily
    )
    func values(family: String) throws {
        for (pairs, reference) in try MetricReference.cases(family) {
            let logits = pairs.corrupted.logits(with: pairs.transformer)
            let graph = ComputationalGraph(pairs.transformer.configuration)
            #expect((0..<graph.edgeCount).map(graph.name(ofEdge:)) == reference.edges)
            for (metric, expected) in reference.metrics {
                let label: Comment = "\(family) \(metric.rawValue)"
                let bound = try pairs.bound(metric)
                #expect(isClose(bound.values(logits: logits), expected.corrupted), label)
                let patched = try CircuitEvaluator(pairs.experiment(metric))
                    .values(of: reference.present)
                #expect(isClose(patched, expected.patched), label)
            }
        }
    }

    @Test(
        "Answers in several tokens have the reference's log-probability",
        arguments: ReferencePairs.everyFamily)
    func spelledAnswers(family: String) throws {
        let metric = Metric.answerLogProbability
        let whole = try ReferencePairs(family, file: "spelled")
        let expected = try whole.reference("spelled", as: SpelledReference.self)
        #expect(throws: Failure.self) { try whole.bound(metric) }
        let dataset = try metric.pairs(of: whole.dataset)
        #expect(dataset.pairCount == 6 && whole.dataset.pairCount == 3)
        let pairs = try PairActivations(running: dataset, with: whole.transformer)
        let bound = try BoundMetric(
            metric, dataset: dataset, transformer: whole.transformer,
            cleanLogits: pairs.cleanLogits)
        let graph = ComputationalGraph(whole.transformer.configuration)
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let clean = bound.values(logits: pairs.cleanLogits)
        #expect(isClose([mean(clean)], [mean(expected.clean)]))
        let corrupted = bound.values(logits: pairs.corrupted.logits(with: whole.transformer))
        #expect(isClose([mean(corrupted)], [mean(expected.corrupted)]))
        let experiment = try Experiment(
            graph, transformer: whole.transformer, metric: metric, activations: pairs)
        let patched = CircuitEvaluator(experiment)
            .values(of: expected.present.map { $0 == "1" })
        #expect(isClose(patched, expected.patched), "\(family)")
    }

    @Test("The log-probability of one answer of one token is that of the NLL, negated")
    func oneToken() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        let dataset = try Metric.answerLogProbability.pairs(of: pairs.dataset)
        #expect(dataset == pairs.dataset)
        let values = try pairs.bound(.answerLogProbability).values(logits: pairs.cleanLogits)
        let expected = try pairs.bound(.negativeLogLikelihood).values(logits: pairs.cleanLogits)
        #expect(isClose(values, expected.map { -$0 }))
        let sets = try ReferencePairs("tiny-gpt2", file: "ragged")
        #expect(throws: Failure.self) {
            try Metric.answerLogProbability.pairs(of: sets.dataset)
        }
    }

    @Test("On the clean run, distances from the full model are 0 and its own answer is first")
    func clean() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa")
        for metric in [Metric.kl, .jensenShannon, .l2] {
            let values = try pairs.bound(metric).values(logits: pairs.cleanLogits)
            #expect(values.allSatisfy { abs($0) < 1e-6 }, "\(metric)")
        }
        let logLikelihoods = try pairs.bound(.matchNegativeLogLikelihood)
            .values(logits: pairs.cleanLogits)
        let dVocab = pairs.transformer.configuration.dVocabOut
        #expect(logLikelihoods.allSatisfy { $0 > 0 && $0 <= log(Double(dVocab)) })
    }

    @Test("Rounding takes no divergence below 0", arguments: [Metric.kl, .jensenShannon])
    func nearness(metric: Metric) throws {
        let pairs = try ReferencePairs("tiny-llama-gqa")
        let bound = try pairs.bound(metric)
        let count = pairs.cleanLogits.count
        let near = FloatBuffer(count: count)
        var random = SplitMix64(seed: 1)
        for _ in 0..<64 {
            for index in 0..<count {
                near.values[index] =
                    pairs.cleanLogits.values[index] + Float.random(in: -1e-5...1e-5, using: &random)
            }
            let values = bound.values(logits: near)
            #expect(values.allSatisfy { $0 >= 0 && $0 < 1e-6 }, "\(values)")
        }
    }

    private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 5e-5 * max(1, abs($1)) }
    }
}
