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

/// What scores don't depend on, and which parameters are refused.
@Suite("Invariance and parameters of scores")
struct AttributionInvarianceTests {
    @Test("Scores don't depend on the number of threads")
    func threads() throws {
        let scores = try [1, 3].map { threads in
            try ReferencePairs("tiny-llama-gqa", file: "ragged", threads: threads)
                .scores(by: EAPIGInputs(), .kl).mean
        }
        #expect(scores[0] == scores[1])
    }

    @Test(
        "A pair's scores don't depend on the other pairs, and the scores are their mean",
        arguments: ScoringMethods.additive)
    func batches(method: any ScoringMethod) throws {
        let pairs = try ReferencePairs("tiny-gpt2", file: "ragged")
        let together = try pairs.scores(by: method, .logitDifference, resolution: .pairs)
        let rows = try #require(together.perPair).array
        let edgeCount = together.mean.count
        let pairCount = pairs.dataset.pairCount
        for pair in 0..<pairCount {
            let alone = try pairs.scores(by: method, ofPair: pair).mean
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
        "More pairs leave those before as they are, bit for bit, but for the last piece",
        arguments: [EAP(), EAPIGInputs(), Exact()] as [any ScoringMethod],
        [Metric.kl, .logitDifference])
    func morePairs(method: any ScoringMethod, metric: Metric) throws {
        func scores(_ times: Int) throws -> [Float] {
            let pairs = try ReferencePairs("tiny-gpt2", file: "ragged", times: times)
            return try #require(
                pairs.scores(by: method, metric, resolution: .pairs).perPair
            ).array
        }
        let (some, more) = try (scores(16), scores(24))
        // The first half of at least 256 rows is in whole pieces: those have at most 128.
        let same = some.count / 2
        #expect(same > 0 && some.count < more.count)
        // NaN is no score.
        #expect(some[..<same].map(\.bitPattern) == more[..<same].map(\.bitPattern))
    }

    @Test(
        "A run left to the method's first pass gives the same scores as one recorded before",
        arguments: [
            "tiny-gpt2", "tiny-llama-gqa", "tiny-gpt-neox", "tiny-gemma2", "tiny-gemma3",
            "tiny-olmo2",
        ],
        [EAP(), HISP(), EAPIGInputs(steps: 20), CleanCorrupted()] as [any ScoringMethod])
    func unrecordedRun(family: String, method: any ScoringMethod) throws {
        // More rows than one piece has, and more steps than one pass.
        let pairs = try ReferencePairs(family, file: "ragged", times: 5)
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let cases: [(Metric, Ablation)] = [
            (.logitDifference, .resample), (.logitDifference, .meanPositional),
            (.probabilityDifference, .resample),
            (.kl, .resample), (.matchNegativeLogLikelihood, .meanPositional),
        ]
        for (metric, ablation) in cases {
            // On the clean run, the gradient of the KL divergence is zero.
            if metric == .kl, type(of: method).usesCleanGradientOnly { continue }
            let recorded = try pairs.scores(by: method, metric, ablation: ablation)
            let left = try AttributionScorer(
                graph, transformer: pairs.transformer, metric: metric, running: pairs.dataset,
                by: method, ablation: ablation
            ).scores()
            let scale = recorded.mean.map(abs).max() ?? 0
            #expect(
                zip(recorded.mean, left.mean).allSatisfy { abs($0 - $1) <= 3e-5 * scale },
                "\(metric)")
            #expect(abs(recorded.losses.full - left.losses.full) < 1e-5, "\(metric)")
            #expect(abs(recorded.losses.ablated - left.losses.ablated) < 1e-5, "\(metric)")
        }
    }

    @Test("A run that a method's first pass makes is recorded before only where it is needed")
    func recordedRuns() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        func unrecordedRun(
            _ method: any ScoringMethod, _ metric: Metric = .logitDifference,
            _ ablation: Ablation = .resample, _ resolution: ScoreResolution = []
        ) throws -> ActivationRun? {
            try AttributionScorer(
                ComputationalGraph(pairs.transformer.configuration),
                transformer: pairs.transformer, metric: metric, running: pairs.dataset,
                by: method, ablation: ablation, resolution: resolution
            ).experiment.activations.unrecordedRun
        }
        #expect(try unrecordedRun(EAP()) == .clean)
        #expect(try unrecordedRun(EAP(), .kl) == nil)
        #expect(try unrecordedRun(EAP(), .logitDifference, .resample, .neurons) == nil)
        #expect(try unrecordedRun(EAPIGInputs(), .kl) == .corrupted)
        #expect(try unrecordedRun(EAPIGInputs(), .kl, .mean) == nil)
        #expect(try unrecordedRun(Exact()) == nil)
    }

    @Test("Exact scores of some edges are those of all, and the others have none")
    func someEdges() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa")
        let all = try pairs.scores(by: Exact(), .kl, resolution: .pairs)
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let chosen = try graph.receivers(named: ["a1.h3", "m0", "a0.h1<q>"])
        #expect(
            Set(chosen.map { graph.receivers[$0].name }) == [
                "a1.h3<q>", "a1.kv1<k>", "a1.kv1<v>", "m0", "a0.h1<q>",
            ])
        let scored = (0..<graph.edgeCount).map {
            chosen.contains(graph.receiver(ofEdge: $0)) && !$0.isMultiple(of: 3)
        }
        let some = try pairs.scores(by: Exact(circuit: scored), .kl, resolution: .pairs)
        #expect(scored.contains(true))
        for edge in scored.indices {
            let gap = abs(some.mean[edge] - all.mean[edge])
            #expect(
                scored[edge] ? gap < 1e-6 : some.mean[edge].isNaN, "\(graph.name(ofEdge: edge))")
        }
        let rows = try #require(some.perPair).array
        #expect(rows.indices.allSatisfy { rows[$0].isNaN == !scored[$0 % graph.edgeCount] })
        var ofReceivers = Exact()
        ofReceivers.receivers = ["a1.h3", "m0", "a0.h1<q>"]
        let named = try pairs.scores(by: ofReceivers, .kl).mean
        #expect(
            named.indices.allSatisfy {
                named[$0].isNaN == !chosen.contains(graph.receiver(ofEdge: $0))
            })
    }

    @Test("A receiver that the graph doesn't have is refused", arguments: ["a9.h0", "input", ""])
    func noSuchReceiver(name: String) throws {
        let graph = ComputationalGraph(
            nLayers: 2, nHeads: 4, nKeyValueHeads: 2, dModel: 8)
        #expect(throws: Failure.self) { try graph.receivers(named: ["m0", name]) }
    }

    @Test("Random scores depend on their seed alone")
    func random() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        var method = RandomScores()
        let scores = try pairs.scores(by: method, .kl).mean
        #expect(try scores == pairs.scores(by: method, .kl).mean)
        #expect(Set(scores).count > scores.count / 2)
        method.seed = 1
        #expect(try scores != pairs.scores(by: method, .kl).mean)
    }

    @Test("An integral without a step, and a circuit of another graph, are refused")
    func refusals() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        let methods: [any ScoringMethod] = [
            EAPIGInputs(steps: 0), EAPIGActivations(steps: 10_001), Exact(circuit: [true]),
            MaskGradient(circuit: [true]),
        ]
        for method in methods {
            #expect(throws: Failure.self, "\(method.name)") {
                try pairs.scorer(by: method, .logitDifference)
            }
        }
    }
}

extension ReferencePairs {
    /// The scores of one pair by itself, by the logit difference.
    fileprivate func scores(by method: any ScoringMethod, ofPair pair: Int) throws
        -> AttributionScores
    {
        let dataset = DatasetArtifact(
            model: dataset.model, task: dataset.task,
            clean: Prompts(ids: [dataset.clean.ids[pair]]),
            corrupted: Prompts(ids: [dataset.corrupted.ids[pair]]),
            answers: [dataset.answers[pair]], wrongAnswers: [dataset.wrongAnswers[pair]])
        return try scores(
            by: method, .logitDifference,
            activations: PairActivations(running: dataset, with: transformer))
    }
}
