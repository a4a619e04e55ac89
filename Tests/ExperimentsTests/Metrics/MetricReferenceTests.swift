import Artifacts
import Basics
import CircuitRuns
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Models
import Tasks
import Testing

/// Every metric against a plain PyTorch implementation in float64.
@Suite struct MetricReferenceTests {
    struct Reference: Decodable {
        struct OfMetric: Decodable {
            /// Of each pair, on the corrupted prompt.
            var corrupted: [Double]
            /// Of each pair, with the edges that aren't present cut.
            var patched: [Double]
            /// The scores by EAP-IG, for metrics with a gradient.
            var scores: [Float]?
            enum CodingKeys: String, CodingKey {
                case corrupted, patched
                case scores = "eap-ig-inputs"
            }
        }
        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var edges: [String]
        var present: [Bool]
        var metrics: [Metric: OfMetric] = [:]

        init(from decoder: any Decoder) throws {
            let content = try decoder.container(keyedBy: Key.self)
            edges = try content.decode([String].self, forKey: Key(stringValue: "edges"))
            present = try content.decode(String.self, forKey: Key(stringValue: "present"))
                .map { $0 == "1" }
            for metric in Metric.allCases where metric != .answerLogProbability {
                metrics[metric] = try content.decode(
                    OfMetric.self, forKey: Key(stringValue: metric.rawValue))
            }
        }
    }

    /// The reference's values of a family, with the pairs they are of.
    private func cases(_ family: String) throws -> [(pairs: ReferencePairs, Reference)] {
        let references = try ReferencePairs(family)
            .reference("metrics", as: [String: Reference].self)
        return try references.map { try (ReferencePairs(family, file: $0.key), $0.value) }
    }

    @Test(
        "Each metric of each pair equals the reference's", arguments: ReferencePairs.families
    )
    func values(family: String) throws {
        for (pairs, reference) in try cases(family) {
            let logits = pairs.corrupted.logits(with: pairs.transformer)
            let graph = ComputationalGraph(pairs.transformer.configuration)
            #expect((0..<graph.edgeCount).map(graph.name(ofEdge:)) == reference.edges)
            for (metric, expected) in reference.metrics {
                let label: Comment = "\(family) \(metric.rawValue)"
                let bound = try pairs.evaluator(metric)
                #expect(isClose(bound.values(logits: logits), expected.corrupted), label)
                let patched = try CircuitEvaluator(pairs.experiment(metric))
                    .values(of: reference.present)
                #expect(isClose(patched, expected.patched), label)
            }
        }
    }

    @Test(
        "Scores by each metric's gradient equal the reference's",
        arguments: ReferencePairs.families)
    func gradients(family: String) throws {
        for (pairs, reference) in try cases(family) {
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

    /// `spelled.json`: the log-probability of answers in several tokens.
    struct Spelled: Decodable {
        var present: String
        /// Of each pair.
        var clean: [Double]
        var corrupted: [Double]
        var patched: [Double]
        var scores: [Float]
        enum CodingKeys: String, CodingKey {
            case present, clean, corrupted, patched
            case scores = "eap-ig-inputs"
        }
    }

    @Test(
        "Answers in several tokens have the reference's log-probability and scores",
        arguments: ReferencePairs.families)
    func spelledAnswers(family: String) throws {
        let metric = Metric.answerLogProbability
        let whole = try ReferencePairs(family, file: "spelled")
        let expected = try whole.reference("spelled", as: Spelled.self)
        #expect(throws: Failure.self) { try whole.evaluator(metric) }
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
        let scores = try AttributionScorer(experiment, by: EAPIGInputs(steps: 5)).scores().mean
        #expect(scoreGap(scores, expected.scores) < 1e-4, "\(family)")
    }

    @Test("The log-probability of one answer of one token is that of the NLL, negated")
    func oneToken() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        let dataset = try Metric.answerLogProbability.pairs(of: pairs.dataset)
        #expect(dataset == pairs.dataset)
        let values = try pairs.evaluator(.answerLogProbability).values(logits: pairs.cleanLogits)
        let expected = try pairs.evaluator(.negativeLogLikelihood).values(logits: pairs.cleanLogits)
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
            let values = try pairs.evaluator(metric).values(logits: pairs.cleanLogits)
            #expect(values.allSatisfy { abs($0) < 1e-6 }, "\(metric)")
        }
        let logLikelihoods = try pairs.evaluator(.matchNegativeLogLikelihood)
            .values(logits: pairs.cleanLogits)
        let dVocab = pairs.transformer.configuration.dVocabOut
        #expect(logLikelihoods.allSatisfy { $0 > 0 && $0 <= log(Double(dVocab)) })
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

    private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 5e-5 * max(1, abs($1)) }
    }
}
