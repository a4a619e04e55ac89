import Basics
import CircuitRuns
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Tasks
import Testing

/// Methods that learn masks, held to a plain PyTorch implementation's steps with the same noise.
@Suite struct MaskTrainingTests {
    struct Reference: Decodable {
        struct Gates: Decodable {
            var log_odds: [Double]
            var noise: [Double]
            var values: [Double]
            var slopes: [Double]
            var open: [Double]
            var open_slopes: [Double]
        }
        struct Run<Noise: Decodable>: Decodable {
            var setting: Double
            var learning_rate: Double
            var noise: Noise
            var losses: [Double]
            var log_odds: [Double]
        }
        struct AblatedGradient: Decodable {
            var mask: [Float]
            var gradient: [[Double]]
        }
        var edges: [String]
        var gates: Gates
        var subnetworkProbing: Run<[[Double]]>
        var edgePruning: Run<[[Double]]>
        var uniformGradientSampling: Run<[[[Double]]]>
        var ablatedGradient: AblatedGradient

        enum CodingKeys: String, CodingKey {
            case edges, gates
            case subnetworkProbing = "subnetwork-probing"
            case edgePruning = "edge-pruning"
            case uniformGradientSampling = "uniform-gradient-sampling"
            case ablatedGradient = "ablated-gradient"
        }
    }

    @Test("The gate, its price and their slopes equal the reference's")
    func gates() throws {
        let reference = try ReferencePairs("tiny-gpt2").reference(
            "learned-masks", as: Reference.self
        ).gates
        for index in reference.log_odds.indices {
            let logOdds = reference.log_odds[index]
            let gate = HardConcreteGate.value(logOdds, noise: reference.noise[index])
            let open = HardConcreteGate.openProbability(logOdds)
            #expect(abs(gate.value - reference.values[index]) < 1e-8)
            #expect(abs(gate.slope - reference.slopes[index]) < 1e-8)
            #expect(abs(open.value - reference.open[index]) < 1e-8)
            #expect(abs(open.slope - reference.open_slopes[index]) < 1e-8)
        }
    }

    @Test("Steps equal the reference's, loss by loss", arguments: ReferencePairs.groupings)
    func steps(family: String, ungrouped: Bool) throws {
        let pairs = try ReferencePairs(family)
        let reference = try pairs.reference(
            "learned-masks" + (ungrouped ? "-ungrouped" : ""), as: Reference.self)
        let evaluator = MaskedEvaluator(try pairs.experiment(.kl, ungrouped: ungrouped))
        let edges = evaluator.graph.edgeCount
        #expect((0..<edges).map(evaluator.graph.name(ofEdge:)) == reference.edges)

        let probing = reference.subnetworkProbing
        var training: any MaskTraining = SubnetworkProbing(
            edges: edges, penalty: probing.setting, learningRate: probing.learning_rate)
        compare(&training, evaluator, probing.noise.map { [$0] }, probing.losses, probing.log_odds)

        let pruning = reference.edgePruning
        training = EdgePruning(
            edges: edges, targetSparsity: pruning.setting, steps: pruning.noise.count,
            learningRate: pruning.learning_rate)
        compare(&training, evaluator, pruning.noise.map { [$0] }, pruning.losses, pruning.log_odds)

        let sampling = reference.uniformGradientSampling
        training = UniformGradientSampling(
            edges: edges, penalty: sampling.setting, learningRate: sampling.learning_rate)
        compare(&training, evaluator, sampling.noise, sampling.losses, sampling.log_odds)
    }

    /// Makes the steps with the noise `[step][draw][edge]`.
    private func compare(
        _ training: inout any MaskTraining, _ evaluator: MaskedEvaluator, _ noise: [[[Double]]],
        _ losses: [Double], _ logOdds: [Double]
    ) {
        let label: Comment = "\(type(of: training))"
        for (noise, expected) in zip(noise, losses) {
            let step = training.step(evaluator) { noise[$0] }
            #expect(abs(step.loss - expected) < 1e-4 * max(1, abs(expected)), label)
        }
        #expect(training.logOdds.count == logOdds.count)
        let gap = zip(training.logOdds, logOdds).map { abs($0 - $1) }.max() ?? .infinity
        #expect(gap < 5e-3, label)
    }

    @Test(
        "The gradient by constants in the place of ablated outputs equals the reference's",
        arguments: ReferencePairs.groupings)
    func ablatedGradient(family: String, ungrouped: Bool) throws {
        let pairs = try ReferencePairs(family)
        let reference = try pairs.reference(
            "learned-masks" + (ungrouped ? "-ungrouped" : ""), as: Reference.self
        ).ablatedGradient
        let evaluator = MaskedEvaluator(
            try pairs.experiment(.kl, ungrouped: ungrouped, ablation: .mean))
        let found = evaluator.evaluate(
            .shared(reference.mask), gradients: .ablated
        ).ablatedGradient
        let expected = reference.gradient.flatMap { $0 }
        try #require(found.count == expected.count)
        let scale = expected.map(abs).max() ?? 0
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 * scale })
    }

    static let learners: [AttributionMethod] = [
        .subnetworkProbing, .edgePruning, .uniformGradientSampling,
    ]

    @Test("A seed gives the same scores, on any number of threads", arguments: learners)
    func determinism(method: AttributionMethod) throws {
        let runs = try [(1, 7), (3, 7), (3, 8)].map { threads, seed in
            let pairs = try ReferencePairs("tiny-llama-gqa", file: "ragged", threads: threads)
            return try pairs.learner(.kl, seed: UInt64(seed)).scores(by: method)
        }
        #expect(runs[0].mean == runs[1].mean && runs[0].losses == runs[1].losses)
        #expect(runs[0].mean != runs[2].mean)
        #expect(runs[0].losses?.count == 12)
        #expect(runs[0].perPair == nil)
    }

    @Test("What an edge costs decides how many stay open")
    func prices() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        func openShare(_ method: AttributionMethod, _ options: MaskTrainingOptions) throws -> Double
        {
            var share = 1.0
            _ = try pairs.learner(.kl, options).scores(
                by: method, training: { share = $0.openShare })
            return share
        }
        for method in [AttributionMethod.subnetworkProbing, .uniformGradientSampling] {
            let cheap = try openShare(method, .init(steps: 60, penalty: 0))
            let dear = try openShare(method, .init(steps: 60, penalty: 100))
            #expect(dear < cheap - 0.1, "\(method.rawValue)")
        }
        for target in [0.5, 0.9] {
            let share = try openShare(
                .edgePruning, .init(steps: 200, targetSparsity: target))
            #expect(abs(1 - share - target) < 0.1)
        }
    }

    @Test("Options out of range are refused")
    func refusals() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        for options in [
            MaskTrainingOptions(steps: 0), .init(learningRate: 0), .init(penalty: -1),
            .init(targetSparsity: 1), .init(learningRate: .nan),
        ] {
            #expect(throws: Failure.self) { try pairs.learner(.kl, options) }
        }
        #expect(throws: Failure.self) {
            try pairs.learner(.kl).scores(by: .edgePruning, perPair: true)
        }
    }
}

extension ReferencePairs {
    /// A scorer that learns masks.
    fileprivate func learner(
        _ metric: Metric, _ options: MaskTrainingOptions = MaskTrainingOptions(steps: 12),
        seed: UInt64 = 0
    ) throws -> AttributionScorer {
        try AttributionScorer(
            experiment(metric),
            options: AttributionScorer.Options(seed: seed, training: options))
    }
}
