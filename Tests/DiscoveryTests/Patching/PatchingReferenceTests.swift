import Artifacts
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Patching against a plain PyTorch implementation that runs the whole model for every patch.
@Suite("Patching equals the reference")
struct PatchingReferenceTests {
    /// The metric after each patch, the mean over pairs.
    private struct Values: Decodable {
        var resid: [[Double]]
        var attn: [[Double]]
        var mlp: [[Double]]
        var q: [[Double]]
        var k: [[Double]]
        var v: [[Double]]
        var z: [[Double]]
        var pattern: [[Double]]
        var paths: [Double]

        enum CodingKeys: String, CodingKey {
            case paths
            case resid = "hook_resid_pre"
            case attn = "hook_attn_out"
            case mlp = "hook_mlp_out"
            case q = "attn.hook_q"
            case k = "attn.hook_k"
            case v = "attn.hook_v"
            case z = "attn.hook_z"
            case pattern = "attn.hook_pattern"
        }

        /// The values of each site, and whether they are by position.
        var sites: [(PatchSite, [[Double]])] {
            [
                (.residualPre, resid), (.attentionOut, attn), (.mlpOut, mlp), (.query, q),
                (.key, k), (.value, v), (.z, z), (.pattern, pattern),
            ]
        }
    }
    private struct Reference: Decodable {
        var edges: [String]
        var noising: Values
        var denoising: Values
    }

    /// The metric after each patch, from its effect.
    private func metric(_ results: PatchResults, _ pairs: PatchedPairs) -> [Double] {
        let base = pairs.baseMetric.reduce(0, +) / Double(pairs.baseMetric.count)
        return results.effects.values.map { base + Double($0) }
    }

    private func greatestDifference(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1).isNaN ? .infinity : abs($1.0 - $1.1)) }
    }

    @Test(
        "Effects of patching activations equal the reference's",
        arguments: ReferencePairs.everyFamily,
        PatchDirection.allCases)
    func activations(family: String, direction: PatchDirection) throws {
        let experiment = try ReferencePairs(family)
        let reference = try experiment.reference("patching", as: Reference.self)
        let expected = direction == .noising ? reference.noising : reference.denoising
        let pairs = try PatchedPairs(
            experiment.experiment(.logitDifference), direction: direction)
        for (site, values) in expected.sites {
            let patching = ActivationPatching(
                pairs, components: try site.components(in: experiment.transformer.configuration),
                positions: site.isPerPosition
                    ? try PatchPositions(.all, in: experiment.dataset) : .together)
            let found = metric(try patching.run(), pairs)
            let flat = values.flatMap { $0 }
            #expect(found.count == flat.count)
            #expect(greatestDifference(found, flat) < 2e-4, "\(site)")
        }
    }

    @Test(
        "Effects of patching edges equal the reference's",
        arguments: ReferencePairs.everyFamily,
        PatchDirection.allCases)
    func paths(family: String, direction: PatchDirection) throws {
        let experiment = try ReferencePairs(family)
        let reference = try experiment.reference("patching", as: Reference.self)
        let expected = direction == .noising ? reference.noising : reference.denoising
        let graph = ComputationalGraph(experiment.transformer.configuration)
        let pairs = try PatchedPairs(
            experiment.experiment(.logitDifference), direction: direction)
        let all = Array(0..<graph.edgeCount)
        #expect(all.map(graph.name(ofEdge:)) == reference.edges)
        let patching = PathPatching(pairs, edges: all, positions: .together)
        #expect(greatestDifference(metric(try patching.run(), pairs), expected.paths) < 2e-4)
    }

    /// A cut edge carries the corrupted output: the exact score of an edge is the loss it costs.
    private struct Scores: Decodable {
        struct ByMethod: Decodable { var exact: [Double] }
        var edges: [String]
        var kl: ByMethod
        var logitDifference: ByMethod

        enum CodingKeys: String, CodingKey {
            case edges
            case kl
            case logitDifference = "logit-diff"
        }
    }

    @Test(
        "With k and v inputs for every head, effects are the reference's exact scores",
        arguments: ReferencePairs.sharingFamilies,
        [Metric.kl, Metric.logitDifference])
    func ungrouped(family: String, metric: Metric) throws {
        let experiment = try ReferencePairs(family)
        let reference = try experiment.reference("scores-ungrouped", as: Scores.self)
        let expected = metric == .kl ? reference.kl.exact : reference.logitDifference.exact
        let graph = ComputationalGraph(
            experiment.transformer.configuration, ungroupedKeyValue: true)
        let pairs = try PatchedPairs(experiment.experiment(metric, ungrouped: true))
        let all = Array(0..<graph.edgeCount)
        #expect(all.map(graph.name(ofEdge:)) == reference.edges)
        let patching = PathPatching(pairs, edges: all, positions: .together)
        let sign: Double = metric.higherIsBetter ? -1 : 1
        let found = try patching.run().effects.values.map { sign * Double($0) }
        #expect(greatestDifference(found, expected) < 2e-4)
    }
}
