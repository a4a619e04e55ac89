import Artifacts
import Basics
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Models
import Tasks
import Testing

/// What scores must not depend on, and what is refused.
@Suite struct AttributionInvarianceTests {
    @Test("Scores don't depend on the number of threads")
    func threads() throws {
        let scores = try [1, 3].map { threads in
            try ReferencePairs("tiny-llama-gqa", file: "ragged", threads: threads)
                .scorer(.kl).scores(by: .eapIGInputs).mean
        }
        #expect(scores[0] == scores[1])
    }

    @Test(
        "A pair's scores don't depend on the pairs beside it, and the mean is theirs",
        arguments: AttributionMethod.allCases.filter(\.isAdditive))
    func batches(method: AttributionMethod) throws {
        let pairs = try ReferencePairs("tiny-gpt2", file: "ragged")
        let together = try pairs.scorer(.logitDifference).scores(by: method, perPair: true)
        let rows = try #require(together.perPair).array
        let edgeCount = together.mean.count
        let pairCount = pairs.dataset.pairCount
        for pair in 0..<pairCount {
            let alone = try pairs.alone(pair).scores(by: method).mean
            let row = rows[pair * edgeCount..<(pair + 1) * edgeCount]
            let scale = row.map(abs).max() ?? 0
            #expect(zip(alone, row).allSatisfy { abs($0 - $1) <= 3e-5 * scale }, "pair \(pair)")
        }
        for edge in 0..<edgeCount {
            let sum = (0..<pairCount).reduce(0.0) { $0 + Double(rows[$1 * edgeCount + edge]) }
            #expect(together.mean[edge] == Float(sum / Double(pairCount)))
        }
    }

    @Test(
        "Scores don't depend on whether the activations were known before",
        arguments: ["tiny-gpt2", "tiny-llama-gqa", "tiny-gpt-neox", "tiny-gemma2"],
        [AttributionMethod.eap, .hisp, .eapIGInputs, .cleanCorrupted])
    func unrecorded(family: String, method: AttributionMethod) throws {
        // More rows than one piece has, and more steps than one pass.
        let pairs = try ReferencePairs(family, file: "ragged", times: 5)
        let steps = 20
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let cases: [(Metric, Ablation)] = [
            (.logitDifference, .resample), (.logitDifference, .meanPositional),
            (.probabilityDifference, .resample),
            (.kl, .resample), (.matchNegativeLogLikelihood, .meanPositional),
        ]
        for (metric, ablation) in cases {
            // On the clean run, the gradient of the KL divergence is zero.
            if metric == .kl, method.looksAtCleanRunOnly { continue }
            let recorded = try pairs.scorer(metric, steps: steps, ablation: ablation)
            let running = try AttributionScorer(
                graph, transformer: pairs.transformer, metric: metric, running: pairs.dataset,
                for: method, ablation: ablation, options: .init(steps: steps))
            let artifacts = try [recorded, running].map {
                EdgeScoresArtifact(
                    try $0.scores(by: method), by: method, of: $0, model: pairs.dataset.model,
                    datasetDigest: "", cacheDigest: nil)
            }
            let scale = artifacts[0].scores.map(abs).max() ?? 0
            #expect(
                zip(artifacts[0].scores, artifacts[1].scores)
                    .allSatisfy { abs($0 - $1) <= 3e-5 * scale }, "\(metric)")
            #expect(abs(artifacts[0].fullMetric - artifacts[1].fullMetric) < 1e-5, "\(metric)")
            #expect(
                abs(artifacts[0].corruptedMetric - artifacts[1].corruptedMetric) < 1e-5,
                "\(metric)")
        }
    }

    @Test("Exact scores of some edges are those of all, and the others have none")
    func someEdges() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa")
        let all = try pairs.scorer(.kl).scores(by: .exact, perPair: true)
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let chosen = try graph.receivers(named: ["a1.h3", "m0", "a0.h1<q>"])
        #expect(
            Set(chosen.map { graph.receivers[$0].name }) == [
                "a1.h3<q>", "a1.kv1<k>", "a1.kv1<v>", "m0", "a0.h1<q>",
            ])
        let scored = (0..<graph.edgeCount).map {
            chosen.contains(graph.receiver(ofEdge: $0)) && !$0.isMultiple(of: 3)
        }
        let some = try AttributionScorer(
            pairs.experiment(.kl), options: AttributionScorer.Options(scoredEdges: scored)
        ).scores(by: .exact, perPair: true)
        #expect(scored.contains(true))
        for edge in scored.indices {
            let gap = abs(some.mean[edge] - all.mean[edge])
            #expect(
                scored[edge] ? gap < 1e-6 : some.mean[edge].isNaN, "\(graph.name(ofEdge: edge))")
        }
        let rows = try #require(some.perPair).array
        #expect(rows.indices.allSatisfy { rows[$0].isNaN == !scored[$0 % graph.edgeCount] })
    }

    @Test("A receiver that the graph doesn't have is refused", arguments: ["a9.h0", "input", ""])
    func noSuchReceiver(name: String) throws {
        let graph = ComputationalGraph(
            nLayers: 2, nHeads: 4, nKeyValueHeads: 2, dModel: 8)
        #expect(throws: Failure.self) { try graph.receivers(named: ["m0", name]) }
    }

    @Test("Random scores are those of their seed")
    func random() throws {
        let scorer = try ReferencePairs("tiny-gpt2").scorer(.kl)
        let scores = try scorer.scores(by: .random).mean
        #expect(try scores == scorer.scores(by: .random).mean)
        #expect(Set(scores).count > scores.count / 2)
    }

    @Test("An unknown method, and no steps at all, are refused")
    func refusals() throws {
        #expect(throws: Failure.self) { try AttributionMethod(named: "eep") }
        let pairs = try ReferencePairs("tiny-gpt2")
        #expect(throws: Failure.self) { try pairs.scorer(.kl, steps: 0) }
    }
}

extension ReferencePairs {
    /// A scorer of one pair by itself, by the logit difference.
    fileprivate func alone(_ pair: Int) throws -> AttributionScorer {
        let dataset = DatasetArtifact(
            model: dataset.model, task: dataset.task,
            clean: Prompts(ids: [dataset.clean.ids[pair]]),
            corrupted: Prompts(ids: [dataset.corrupted.ids[pair]]),
            answers: [dataset.answers[pair]], wrongAnswers: [dataset.wrongAnswers[pair]])
        return try AttributionScorer(
            experiment(
                .logitDifference,
                activations: PairActivations(running: dataset, with: transformer)))
    }
}
