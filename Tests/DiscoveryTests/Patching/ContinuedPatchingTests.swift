import Artifacts
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Models
import Tasks
import TestSupport
import Testing

/// What patching computes of a prompt, held against forward passes over whole prompts.
@Suite("Patched copies from a layer and position on equal whole passes")
struct ContinuedPatchingTests {
    private func expectEqual(_ found: ArraySlice<Float>, _ expected: [Float], _ name: String) {
        let gap = zip(found, expected).reduce(Float(0)) { gap, values in
            if values.0.isNaN, values.1.isNaN { return gap }
            let difference = abs(values.0 - values.1)
            return max(gap, difference.isNaN ? .infinity : difference)
        }
        // Metrics that are no logits or nats can be in the thousands.
        let size = expected.reduce(Float(1)) { $1.isNaN ? $0 : max($0, abs($1)) }
        #expect(found.count == expected.count && gap < 5e-5 * size, "\(name): off by \(gap)")
    }

    /// The effects of patching the residual stream at all layers and positions, `[component, position, pair]`.
    private func residualEffects(
        of experiment: ReferencePairs, _ metric: Metric
    ) throws -> DenseArray<Float> {
        try ActivationPatching(
            PatchedPairs(experiment.experiment(metric)),
            components: PatchSite.residualPre.components(
                in: experiment.transformer.configuration),
            positions: PatchPositions(.all, in: experiment.dataset)
        ).run().perPair
    }

    /// Holds every patch of a site against the twin.
    /// - Parameter hasEffects: whether some are known not to be 0.
    private func compare(
        _ pairs: PatchedPairs, _ site: PatchSite, positions: Bool, hasEffects: Bool = true
    ) throws {
        let twin = WholePassTwin(pairs)
        let components = try site.components(in: pairs.experiment.transformer.configuration)
        let results = try ActivationPatching(
            pairs, components: components,
            positions: positions ? PatchPositions(.all, in: pairs.experiment.dataset) : .together
        ).run()
        let shape = results.perPair.shape
        for (index, component) in components.enumerated() {
            for label in 0..<shape[1] {
                let first = (index * shape[1] + label) * shape[2]
                expectEqual(
                    results.perPair.values[first..<first + shape[2]],
                    try twin.effects(of: component, at: positions ? label : nil),
                    "\(component.name) at \(label)")
            }
        }
        #expect(!hasEffects || results.perPair.values.contains { abs($0) > 1e-3 })
    }

    @Test(
        "Of every site, at each position and at all, for every kind of layer and both directions",
        arguments: ReferencePairs.families, PatchDirection.allCases)
    func sites(family: String, direction: PatchDirection) throws {
        let experiment = try ReferencePairs(family, file: "ragged")
        let pairs = try PatchedPairs(experiment.experiment(.kl), direction: direction)
        let isParallel = experiment.transformer.configuration.parallelAttentionMLP
        for site in PatchSite.allCases where site != .residualMid || !isParallel {
            try compare(pairs, site, positions: true)
            try compare(pairs, site, positions: false)
        }
    }

    @Test(
        "By every metric",
        arguments: Metric.allCases.filter { $0 != .answerLogProbability })
    func metrics(metric: Metric) throws {
        let experiment = try ReferencePairs("tiny-llama-gqa")
        let pairs = try PatchedPairs(experiment.experiment(metric))
        try compare(pairs, .residualPre, positions: true)
    }

    @Test(
        "Of every edge, position by position",
        arguments: ["tiny-gpt2", "tiny-llama-gqa", "tiny-gpt-neox", "tiny-qwen2"],
        PatchDirection.allCases)
    func edges(family: String, direction: PatchDirection) throws {
        let experiment = try ReferencePairs(family, file: "ragged")
        let pairs = try PatchedPairs(
            experiment.experiment(.logitDifference), direction: direction)
        let twin = WholePassTwin(pairs)
        let edges = Array(0..<pairs.experiment.graph.edgeCount)
        let results = try PathPatching(
            pairs, edges: edges, positions: PatchPositions(.all, in: experiment.dataset)
        ).run()
        let shape = results.perPair.shape
        for edge in edges {
            for position in 0..<shape[1] {
                let first = (edge * shape[1] + position) * shape[2]
                expectEqual(
                    results.perPair.values[first..<first + shape[2]],
                    try twin.effects(of: edge, in: pairs, at: position),
                    "\(pairs.experiment.graph.name(ofEdge: edge)) at \(position)")
            }
        }
    }

    @Test(
        "Where positions see later ones, a copy is the whole prompt", arguments: PatchSite.allCases)
    func positionsSeeLaterOnes(site: PatchSite) throws {
        let experiment = try ReferencePairs(
            "../tracr/reverse", model: Fixture.path("tracr/reverse"))
        #expect(!experiment.transformer.configuration.isCausal)
        let pairs = try PatchedPairs(experiment.experiment(.logitDifference))
        // Patterns and MLPs of this program depend on lengths alone.
        let isOfLengths = [.mlpOut, .query, .key, .pattern].contains(site)
        try compare(pairs, site, positions: true, hasEffects: !isOfLengths)
    }

    @Test("No effect depends on the other pairs, or on the number of threads")
    func otherPairs() throws {
        func values(_ times: Int, threads: Int) throws -> [Float] {
            let experiment = try ReferencePairs(
                "tiny-llama-gqa", file: "ragged", times: times, threads: threads)
            let results = try residualEffects(of: experiment, .kl)
            let count = results.shape[2] / times
            return stride(from: 0, to: results.values.count, by: results.shape[2])
                .flatMap { results.values[$0..<$0 + count] }
        }
        let alone = try values(1, threads: 1)
        for (times, threads) in [(1, 2), (1, 7), (12, 1), (12, 3)] {
            let found = try values(times, threads: threads)
            // Narrow products of OpenBLAS round otherwise than wide ones.
            let differing = zip(found, alone).filter {
                $0.isNaN
                    ? !$1.isNaN : times == 1 ? $0 != $1 : !(abs($0 - $1) < 5e-5 * max(1, abs($1)))
            }
            #expect(differing.isEmpty, "\(times) times, \(threads) threads: \(differing)")
        }
    }

    @Test(
        "More pairs leave the effects on those of whole groups as they are, bit for bit",
        arguments: [Metric.kl, .logitDifference])
    func morePairs(metric: Metric) throws {
        func values(_ times: Int) throws -> (Int, [Float]) {
            let experiment = try ReferencePairs("tiny-gpt2", file: "ragged", times: times)
            let results = try residualEffects(of: experiment, metric)
            return (results.shape[2], results.values)
        }
        let (some, ofSome) = try values(300)
        let (more, ofMore) = try values(400)
        // The last group of the fewer pairs is another one with more; it has less than half of them.
        let same = some / 2
        #expect(same > 0 && more > some)
        for patch in 0..<ofSome.count / some {
            // NaN is no effect.
            let bits = ofSome[patch * some..<patch * some + same].map(\.bitPattern)
            #expect(bits == ofMore[patch * more..<patch * more + same].map(\.bitPattern))
        }
    }

    @Test("Copies that are computed together are of prompts of one group, in order of starts")
    func pieces() throws {
        let experiment = try ReferencePairs("tiny-gpt2", file: "ragged", times: 200)
        let (transformer, layout) = (experiment.transformer, experiment.clean.layout)
        func copies(_ prompts: Int) -> [Continuation] {
            (0..<transformer.layers.count).flatMap { layer in
                (0..<prompts).flatMap { prompt in
                    (0..<layout.length(prompt)).map {
                        Continuation(prompt: prompt, layer: layer, first: $0)
                    }
                }
            }
        }
        let all = copies(layout.promptCount)
        let pieces = transformer.pieces(of: all, in: layout)
        #expect(pieces.flatMap { $0 }.sorted() == Array(all.indices))
        let starts = pieces.map { all[$0[0]].stage }
        #expect(starts == starts.sorted())
        for piece in pieces {
            let stages = piece.map { all[$0].stage }
            #expect(stages == stages.sorted())
        }
        // The pieces of the first prompts are those of all prompts.
        let few = copies(layout.promptCount * 3 / 4)
        func named(_ pieces: [[Int]], _ copies: [Continuation]) -> Set<[Continuation]> {
            Set(pieces.map { $0.map { copies[$0] } })
        }
        let common = named(pieces, all).intersection(
            named(transformer.pieces(of: few, in: layout), few))
        let covered = Set(common.joined().map(\.prompt))
        #expect(covered.isSuperset(of: 0..<layout.promptCount / 4))
    }

    @Test("Progress ends with every patch done and the largest effect")
    func progress() throws {
        let experiment = try ReferencePairs("tiny-llama", file: "ragged")
        let pairs = try PatchedPairs(experiment.experiment(.logitDifference))
        let components = try PatchSite.residualPre.components(
            in: experiment.transformer.configuration)
        var last: PatchProgress?
        let results = try ActivationPatching(
            pairs, components: components, positions: PatchPositions(.all, in: experiment.dataset)
        ).run { last = $0 }
        let end = try #require(last)
        #expect(end.done == end.total && end.total == results.effects.values.count)
        let largest = results.effects.values.filter { !$0.isNaN }.map { abs($0) }.max()
        #expect(end.largest.map { abs($0.value) } == largest)
    }
}
