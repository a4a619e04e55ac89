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
@Suite("Learned masks")
struct MaskTrainingTests {
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

    @Test("The gate, the probability that it is open and their slopes equal the reference's")
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

    @Test(
        "Losses of each step, and log odds after the last one, equal the reference's",
        arguments: ReferencePairs.maskGroupings)
    func steps(family: String, ungrouped: Bool) throws {
        let pairs = try ReferencePairs(family)
        let reference = try pairs.reference(
            "learned-masks" + (ungrouped ? "-ungrouped" : ""), as: Reference.self)
        let evaluator = MaskedEvaluator(try pairs.experiment(.kl, ungrouped: ungrouped))
        let edges = evaluator.graph.edgeCount
        #expect((0..<edges).map(evaluator.graph.name(ofEdge:)) == reference.edges)

        let probing = reference.subnetworkProbing
        var training: any MaskTraining = SubnetworkProbing.Training(
            edges: edges, lambda: probing.setting, learningRate: probing.learning_rate)
        compare(&training, evaluator, probing.noise.map { [$0] }, probing.losses, probing.log_odds)

        let pruning = reference.edgePruning
        training = EdgePruning.Training(
            edges: edges, targetSparsity: pruning.setting, steps: pruning.noise.count,
            learningRate: pruning.learning_rate)
        compare(&training, evaluator, pruning.noise.map { [$0] }, pruning.losses, pruning.log_odds)

        let sampling = reference.uniformGradientSampling
        training = UniformGradientSampling.Training(
            edges: edges, lambda: sampling.setting, learningRate: sampling.learning_rate)
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
        "The gradient by constant ablated outputs equals the reference's",
        arguments: ReferencePairs.maskGroupings)
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

    static let learners: [any MaskLearningMethod] = [
        SubnetworkProbing(), EdgePruning(), UniformGradientSampling(),
    ]

    @Test("A seed gives the same scores, on any number of threads", arguments: learners)
    func determinism(method: any MaskLearningMethod) throws {
        let runs = try [(1, 7), (3, 7), (3, 8)].map { threads, seed in
            let pairs = try ReferencePairs("tiny-llama-gqa", file: "ragged", threads: threads)
            var method = method
            method.learning.steps = 12
            method.learning.seed = UInt64(seed)
            return try pairs.scores(by: method, .kl)
        }
        #expect(runs[0].mean == runs[1].mean)
        #expect(runs[0].trainingLosses == runs[1].trainingLosses)
        #expect(runs[0].mean != runs[2].mean)
        #expect(runs[0].trainingLosses?.count == 12)
        #expect(runs[0].perPair == nil)
    }

    @Test("A larger lambda leaves fewer edges open", arguments: [learners[0], learners[2]])
    func penalties(method: any MaskLearningMethod) throws {
        func openShare(lambda: Double) throws -> Double {
            var method = method
            method.learning.steps = 60
            method.set(.lambda, to: lambda)
            return try self.openShare(after: method)
        }
        #expect(try openShare(lambda: 100) < openShare(lambda: 0) - 0.1)
    }

    @Test("Edge pruning ends near its target sparsity", arguments: [0.5, 0.9])
    func targets(target: Double) throws {
        var method = EdgePruning()
        method.targetSparsity = target
        #expect(try abs(1 - openShare(after: method) - target) < 0.1)
    }

    /// The share of edges that are expected to be open after the last step.
    private func openShare(after method: any ScoringMethod) throws -> Double {
        var share = 1.0
        _ = try ReferencePairs("tiny-gpt2").scorer(by: method, .kl).scores { progress in
            share = progress.step?.openShare ?? share
        }
        return share
    }

    @Test("Parameters out of range are refused")
    func refusedParameters() throws {
        func refuses<Value>(
            _ method: any ScoringMethod, _ name: ParameterName<Value>, _ value: Value
        ) {
            var method = method
            method.set(name, to: value)
            #expect(throws: Failure.self, "\(method.name) \(name.text) \(value)") {
                try method.checkParameters()
            }
        }
        for method in Self.learners {
            refuses(method, .optimizationSteps, 0)
            refuses(method, .learningRate, 0)
            refuses(method, .learningRate, .nan)
        }
        refuses(SubnetworkProbing(), .lambda, -1)
        refuses(UniformGradientSampling(), .lambda, -1)
        refuses(EdgePruning(), .targetSparsity, 1)
    }

    @Test("Methods that learn masks have no scores of single pairs", arguments: learners)
    func noPairScores(method: any MaskLearningMethod) throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        #expect(throws: Failure.self) {
            try pairs.scorer(by: method, .kl, resolution: .pairs)
        }
    }
}
