import Artifacts
import Circuits
import Engine
import Models
import Testing

/// Patching against a plain PyTorch implementation that runs the whole model for every patch.
@Suite struct PatchingReferenceTests {
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

    static let families = [
        "tiny-gpt2", "tiny-llama", "tiny-llama-gqa", "tiny-qwen2", "tiny-gpt-neox", "tiny-gemma2",
    ]

    /// The metric after each patch, from its effect.
    private func metric(_ results: PatchResults, _ pairs: PatchedPairs) -> [Double] {
        let base = pairs.baseMetric.reduce(0, +) / Double(pairs.baseMetric.count)
        return results.effects.values.map { base + Double($0) }
    }

    private func greatestDifference(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1).isNaN ? .infinity : abs($1.0 - $1.1)) }
    }

    @Test(arguments: families, PatchDirection.allCases)
    func activations(family: String, direction: PatchDirection) throws {
        let experiment = try ReferencePairs(family)
        let reference = try experiment.reference("patching", as: Reference.self)
        let expected = direction == .noising ? reference.noising : reference.denoising
        let pairs = try PatchedPairs(
            experiment.dataset, transformer: experiment.transformer, metric: .logitDifference,
            direction: direction)
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

    @Test(arguments: families, PatchDirection.allCases)
    func paths(family: String, direction: PatchDirection) throws {
        let experiment = try ReferencePairs(family)
        let reference = try experiment.reference("patching", as: Reference.self)
        let expected = direction == .noising ? reference.noising : reference.denoising
        let graph = ComputationalGraph(experiment.transformer.configuration)
        let pairs = try PatchedPairs(
            experiment.dataset, transformer: experiment.transformer, metric: .logitDifference,
            direction: direction)
        let all = Array(0..<graph.edgeCount)
        #expect(all.map(graph.name(ofEdge:)) == reference.edges)
        let patching = PathPatching(pairs, graph: graph, edges: all, positions: .together)
        #expect(greatestDifference(metric(try patching.run(), pairs), expected.paths) < 2e-4)
    }

    /// With a key and a value receiver for every head the sum of what a group's heads read is not
    /// what the shared receiver reads; but a patch of the value input of all heads of a group, one
    /// head at a time, is in the model's own terms a patch of that head's z.
    @Test func ungroupedKeysOfOneHead() throws {
        let experiment = try ReferencePairs("tiny-llama-gqa")
        let configuration = experiment.transformer.configuration
        let shared = ComputationalGraph(configuration)
        let apart = ComputationalGraph(configuration, ungroupedKeyValue: true)
        let pairs = try PatchedPairs(
            experiment.dataset, transformer: experiment.transformer, metric: .logitDifference)
        func effect(_ graph: ComputationalGraph, _ name: String) throws -> Float {
            let edges = try PathPatching.edges(of: graph, matching: [name])
            return try PathPatching(pairs, graph: graph, edges: edges, positions: .together)
                .run().effects.values[0]
        }
        // Queries aren't shared: both graphs have the same edge.
        #expect(
            abs(
                try effect(shared, "m0->a1.h2<q>") - effect(apart, "m0->a1.h2<q>")) < 1e-5)
        let together = try effect(shared, "m0->a1.kv1<v>")
        let single = try effect(apart, "m0->a1.h2<v>")
        #expect(together != single)
    }
}
