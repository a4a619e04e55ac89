import Artifacts
import Basics
import CircuitRuns
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Searches, scores and patches with the constants of optimal ablation.
@Suite("Discovery reads the constants of an optimal ablation")
struct OptimalAblationDiscoveryTests {
    private func fit(
        _ pairs: ReferencePairs, steps: Int
    ) throws -> OptimalAblation.Result {
        try OptimalAblation(
            ComputationalGraph(pairs.transformer.configuration), transformer: pairs.transformer,
            activations: pairs.activations,
            options: OptimalAblation.Options(steps: steps, seed: 1)
        ).fit()
    }

    @Test("Searches, scores and the masked evaluation read the constants")
    func everywhere() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        var activations = pairs.activations
        func experiment(_ metric: Metric) throws -> Experiment {
            try pairs.experiment(metric, ablation: .optimal, activations: activations)
        }
        #expect(throws: Failure.self) { try experiment(.kl) }
        activations.constants = try fit(pairs, steps: 5).constants
        let found = try ACDC(experiment(.kl)).run(at: 0.01)
        let fresh = try CircuitEvaluator(experiment(.kl)).mean(of: found.inCircuit)
        #expect(abs(fresh - found.circuitMetric) < 1e-4)
        func scores(by method: any ScoringMethod) throws -> [Float] {
            try AttributionScorer(experiment(.logitDifference), by: method).scores().mean
        }
        let (eap, exact) = try (scores(by: EAP()), scores(by: Exact()))
        #expect(eap.contains { $0 != 0 } && exact.contains { $0 != 0 } && eap != exact)
    }

    @Test("Heads and MLPs can be patched with their constants, other sites can't")
    func patching() throws {
        let experiment = try ReferencePairs("tiny-gpt2", file: "ragged")
        var activations = experiment.activations
        activations.constants = try fit(experiment, steps: 3).constants
        let fitted = try experiment.experiment(
            .kl, ablation: .optimal, activations: activations)
        let pairs = try PatchedPairs(fitted)
        let configuration = experiment.transformer.configuration
        func effects(_ site: PatchSite) throws -> [Float] {
            try ActivationPatching(
                pairs, components: site.components(in: configuration), positions: .together
            ).run().effects.values
        }
        #expect(try effects(.nodes).allSatisfy { $0.isFinite })
        #expect(try effects(.z).contains { $0 > 0 })
        #expect(throws: Failure.self) { try effects(.residualPost) }
        #expect(throws: Failure.self) {
            try PatchedPairs(fitted, direction: .denoising)
        }
    }
}
