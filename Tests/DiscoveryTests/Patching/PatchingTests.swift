import Artifacts
import Basics
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Models
import Tasks
import TestSupport
import Testing

/// Properties of patching that hold for any model.
@Suite("Patching")
struct PatchingTests {
    @Test(
        "Patching the whole stream at the start gives the other run",
        arguments: Ablation.allCases.filter { $0 != .optimal })
    func wholeStream(ablation: Ablation) throws {
        let experiment = try ReferencePairs("tiny-gpt2", file: "ragged")
        let pairs = try PatchedPairs(experiment.experiment(.kl, ablation: ablation))
        let input = try PatchSite.nodes.components(in: experiment.transformer.configuration)[0]
        #expect(input.name == "input")
        let results = try ActivationPatching(pairs, components: [input], positions: .together).run()
        let isOtherRun = zip(results.perPair.values, zip(pairs.cleanMetric, pairs.corruptedMetric))
            .allSatisfy { effect, metrics in
                abs(Double(effect) - (metrics.1 - metrics.0)) < 1e-4
            }
        #expect(isOtherRun == (ablation == .resample))
    }

    @Test("Equal activations have no effect, and short prompts have no late positions")
    func noEffect() throws {
        let experiment = try ReferencePairs("tiny-llama", file: "ragged")
        let lengths = experiment.dataset.lengths
        let longest = try #require(lengths.max())
        #expect(lengths.min() != longest)
        var dataset = experiment.dataset
        // The last pair's prompts are the same but for the last token.
        dataset.corrupted.ids[0] = dataset.clean.ids[0]
        dataset.corrupted.ids[0][lengths[0] - 1] = (dataset.clean.ids[0][lengths[0] - 1] + 1) % 60
        let activations = try PairActivations(running: dataset, with: experiment.transformer)
        let pairs = try PatchedPairs(
            experiment.experiment(.logitDifference, activations: activations))
        let site = PatchSite.residualPre
        let results = try ActivationPatching(
            pairs, components: site.components(in: experiment.transformer.configuration),
            positions: PatchPositions(.all, in: dataset)
        ).run()
        #expect(results.perPair.shape == [3, longest, lengths.count])
        for (pair, length) in lengths.enumerated() {
            for position in 0..<longest {
                let value = results.perPair.values[position * lengths.count + pair]
                #expect(value.isNaN == (position >= length))
                if pair == 0, position < length - 1 { #expect(value == 0) }
                if pair == 0, position == length - 1 { #expect(value != 0) }
            }
        }
    }

    @Test("Edges into the logits have an effect at the last position only")
    func edgesIntoLogits() throws {
        let experiment = try ReferencePairs("tiny-gpt2", file: "ragged")
        let graph = ComputationalGraph(experiment.transformer.configuration)
        let pairs = try PatchedPairs(experiment.experiment(.logitDifference))
        let edges = try PathPatching.edges(of: graph, matching: ["*->logits"])
        func run(_ positions: PatchPositions) throws -> DenseArray<Float> {
            try PathPatching(pairs, edges: edges, positions: positions).run().perPair
        }
        let together = try run(.together)
        let end = try run(PatchPositions(PositionSelection("end"), in: experiment.dataset))
        let first = try run(PatchPositions(PositionSelection("0"), in: experiment.dataset))
        #expect(together.values.contains { abs($0) > 1e-3 })
        // The logits are read at the end only.
        #expect(zip(together.values, end.values).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(first.values.allSatisfy { $0 == 0 })
    }

    @Test("Effects don't depend on the number of threads")
    func threads() throws {
        let results = try [1, 3].map { threads in
            let experiment = try ReferencePairs("tiny-qwen2", threads: threads)
            let pairs = try PatchedPairs(experiment.experiment(.kl))
            let components = try PatchSite.nodes.components(
                in: experiment.transformer.configuration)
            return try ActivationPatching(pairs, components: components, positions: .together)
                .run().perPair
        }
        #expect(results[0] == results[1])
    }

    @Test(
        "The metric of both runs is, bit for bit, that of the final streams of two forward passes",
        arguments: ReferencePairs.families)
    func metricsOfBothRuns(family: String) throws {
        let experiment = try ReferencePairs(family, file: "ragged")
        let pairs = try PatchedPairs(experiment.experiment(.kl))
        let (dataset, transformer) = (experiment.dataset, experiment.transformer)
        let layout = RowLayout(lengths: dataset.lengths)
        let ends = (0..<layout.promptCount).map { layout.rows($0).upperBound - 1 }
        for (prompts, values) in [
            (dataset.clean, pairs.cleanMetric), (dataset.corrupted, pairs.corruptedMetric),
        ] {
            let stream = transformer.finalStream(layout, of: prompts.ids, rows: ends)
            let metric = try experiment.bound(.kl)
            #expect(metric.values(normalized: stream, pairs: Array(ends.indices)) == values)
        }
    }

    @Test("Sites, their components and directions have names; others are refused")
    func names() throws {
        let configuration = try ReferencePairs("tiny-llama-gqa").transformer.configuration
        #expect(try PatchSite(named: "attn.hook_z") == .z)
        #expect(try PatchSite.key.components(in: configuration)[3].name == "a1.kv1<k>")
        #expect(try PatchSite.query.components(in: configuration)[5].name == "a1.h1<q>")
        #expect(
            try PatchSite.mlpOut.components(in: configuration).map(\.name) == ["m0", "m1", "m2"])
        #expect(try PatchDirection(named: "denoising") == .denoising)
        #expect(throws: Failure.self) { try PatchSite(named: "nowhere") }
        #expect(throws: Failure.self) { try PatchDirection(named: "sideways") }
    }

    @Test("A layer whose attention and MLP read the same stream has no hook_resid_mid")
    func parallelLayers() throws {
        let configuration = try ReferencePairs("tiny-gpt-neox").transformer.configuration
        #expect(throws: Failure.self) {
            try PatchSite.residualMid.components(in: configuration)
        }
    }
}
