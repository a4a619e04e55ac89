import Artifacts
import Basics
import CircuitRuns
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// The constants of optimal ablation.
@Suite("Optimal ablation")
struct OptimalAblationTests {
    private func fit(
        _ pairs: ReferencePairs, steps: Int = 60, seed: UInt64 = 1
    ) throws -> OptimalAblation.Result {
        try OptimalAblation(
            ComputationalGraph(pairs.transformer.configuration), transformer: pairs.transformer,
            activations: pairs.activations,
            options: OptimalAblation.Options(steps: steps, seed: seed)
        ).fit()
    }

    @Test(
        "Fitted constants lose less than means, on circuits they weren't fitted on",
        arguments: ReferencePairs.families)
    func loss(family: String) throws {
        let pairs = try ReferencePairs(family, file: "ragged")
        let result = try fit(pairs)
        #expect(result.loss < result.lossOfMeans)
        var activations = pairs.activations
        activations.constants = result.constants
        let graph = ComputationalGraph(pairs.transformer.configuration)
        func emptyCircuit(_ ablation: Ablation) throws -> Double {
            let experiment = try pairs.experiment(
                .kl, ablation: ablation, activations: activations)
            return CircuitEvaluator(experiment).mean(
                of: Array(repeating: false, count: graph.edgeCount))
        }
        #expect(try emptyCircuit(.optimal) < emptyCircuit(.mean))
    }

    @Test("Without a step, optimal ablation is mean ablation")
    func means() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa", file: "ragged")
        let result = try fit(pairs, steps: 0)
        #expect(result.loss == result.lossOfMeans)
        let fitted = try Ablation.optimal.outputs(
            clean: pairs.clean, corrupted: pairs.corrupted, constants: result.constants)
        let mean = try Ablation.mean.outputs(clean: pairs.clean, corrupted: pairs.corrupted)
        for (a, b) in zip(
            [fitted.input] + fitted.z + fitted.mlp, [mean.input] + mean.z + mean.mlp)
        {
            #expect(zip(a.array, b.array).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) })
        }
    }

    @Test("A seed gives the same constants, on any number of threads")
    func determinism() throws {
        let fits = try [(1, 4), (3, 4), (3, 5)].map { threads, seed in
            try fit(
                ReferencePairs("tiny-qwen2", file: "ragged", threads: threads), steps: 8,
                seed: UInt64(seed)
            ).constants.values
        }
        #expect(fits[0] == fits[1] && fits[0] != fits[2])
    }
}
