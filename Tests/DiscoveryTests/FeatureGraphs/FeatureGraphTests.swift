import Discovery
import Engine
import Graphs
import Models
import Testing

/// Attribution graphs against the reference implementation, which agrees with circuit-tracer.
@Suite("Attribution graphs")
struct FeatureGraphTests {
    private func expectEqual(_ graph: FeatureGraph, _ name: String) throws {
        let reference = try AttributionReference(name)
        let features = graph.features.flatMap { [$0.layer, $0.position, $0.index] }
        #expect(try features.map(Float.init) == reference("features"))
        #expect(gap(graph.features.map(\.activation), try reference("activations")) < 2e-5)
        #expect(try graph.targets.map { Float($0.token ?? -1) } == reference("logit_tokens"))
        #expect(
            gap(graph.targets.map { Float($0.weight) }, try reference("logit_probabilities")) < 2e-6
        )
        #expect(gap(graph.dense, try reference("adjacency")) < 2e-5)
        let pruning = graph.pruned(nodeThreshold: 0.8, edgeThreshold: 0.98)
        #expect(try pruning.nodeKept == reference("node_kept").map { $0 == 1 })
        let kept = try reference("edge_kept")
        var keptCount = 0
        for row in 0..<graph.nodeCount {
            for edge in graph.effects.row(row) where pruning.edgeKept[edge] {
                let column = Int(graph.effects.columns[edge])
                #expect(kept[row * graph.nodeCount + column] == 1)
                keptCount += 1
            }
        }
        #expect(keptCount == kept.count { $0 == 1 })
        #expect(gap(pruning.influence.map { Float($0) }, try reference("influence")) < 2e-6)
        let scores = graph.scores()
        #expect(
            gap(
                [Float(scores.replacement), Float(scores.completeness)], try reference("scores"))
                < 2e-6)
    }

    @Test("All active features", arguments: AttributionReference.cases)
    func whole(name: String) throws {
        try expectEqual(try AttributionReference.graph(name), name)
    }

    @Test("Gemma Scope's layouts hold the same", arguments: AttributionReference.layouts)
    func layouts(set: String, values: String) throws {
        try expectEqual(try AttributionReference.graph(set), values)
    }

    @Test("A choice of features by influence", arguments: ["qwen2-relu", "gpt2-clt"])
    func capped(name: String) throws {
        let graph = try AttributionReference.graph(
            name, limit: .init(features: 20, batchSize: 3, updateInterval: 2))
        try expectEqual(graph, name + "-capped")
        #expect(graph.leftOut.count == graph.nodeCount)
        // With what was left out counted as errors, less is explained.
        #expect(graph.scoresCountingLeftOut().replacement < graph.scores().replacement)
        #expect(graph.scoresCountingLeftOut().completeness < graph.scores().completeness)
    }

    @Test(
        "Decoder rows that aren't kept give the same: gathered for many targets, read in place for few",
        arguments: ["qwen2-relu", "gpt2-clt"])
    func rowsInFiles(name: String) throws {
        try expectEqual(try AttributionReference.graph(name, mostKeptBytes: 0), name)
        let graph = try AttributionReference.graph(
            name, limit: .init(features: 20, batchSize: 3, updateInterval: 2), mostKeptBytes: 0)
        try expectEqual(graph, name + "-capped")
    }

    @Test("What was left out is what the whole graph has more")
    func leftOut() throws {
        let whole = try AttributionReference.graph("qwen2-relu")
        let capped = try AttributionReference.graph("qwen2-relu", limit: .init(features: 20))
        let names = Set((0..<capped.nodeCount).map { capped.name(of: $0) })
        func rows(_ graph: FeatureGraph) -> [String: Float] {
            var sums: [String: Float] = [:]
            for node in 0..<graph.nodeCount {
                sums[graph.name(of: node)] = graph.effects.row(node).reduce(0) { sum, edge in
                    let source = graph.name(of: Int(graph.effects.columns[edge]))
                    return sum + (names.contains(source) ? 0 : abs(graph.effects.values[edge]))
                }
            }
            return sums
        }
        let missing = rows(whole)
        for node in 0..<capped.nodeCount {
            #expect(abs(capped.leftOut[node] - (missing[capped.name(of: node)] ?? 0)) < 1e-4)
        }
    }

    @Test(
        "Tokens' effects on a feature of layer 0 add up to its pre-activation without the bias",
        arguments: [
            "llama-skip", "qwen3-jumprelu", "neox-relu", "neox-skip", "neox-clt", "gemma3-skip",
            "gemma3-clt", "olmo2-relu",
        ])
    func tokenEdges(name: String) throws {
        // Without attention biases and position embeddings nothing else reaches the first layer's MLP;
        // side by side with attention (GPT-NeoX) it reads no attention at all.
        let sources = try AttributionReference.sources(name)
        let set = sources.set
        let norm = sources.run.transformer.layers[0].mlpNorm
        let graph = try AttributionReference.graph(name)
        var count = 0
        for (node, feature) in graph.features.enumerated() where feature.layer == 0 {
            let sum = graph.effects.row(node).reduce(Float(0)) { $0 + graph.effects.values[$1] }
            var bias = set.layers[0].encoderBias[Int(feature.index)]
            if set.inputHook == .mlpIn, let shift = norm.weights.bias {
                // What the MLP reads has the norm's bias in it, which is no token's.
                let encoder = FloatBuffer(count: shift.count)
                set.layers[0].copyEncoder(of: Int(feature.index), to: encoder.values)
                bias += dot(encoder.values, shift.values, count: shift.count)
            }
            #expect(abs(sum - (feature.activation - bias)) < 2e-5)
            count += 1
        }
        #expect(count > 10)
    }

    @Test("The number of threads changes nothing", arguments: ["gpt2-clt", "gemma2-skip"])
    func threads(name: String) throws {
        let one = try AttributionReference.graph(name, threads: 1)
        #expect(try one == AttributionReference.graph(name, threads: 3))
    }

    @Test("A difference of two logits is the difference of their effects")
    func difference() throws {
        let sources = try AttributionReference.sources("gpt2-clt")
        let targets = try AttributionTargets(
            [
                .token(5), .token(9), .difference(5, 9),
                .direction("zero", [Float](repeating: 0, count: 32)),
            ],
            after: sources.run)
        let graph = try FeatureGraphBuilder(sources, targets: targets).graph()
        let matrix = graph.dense
        func row(_ target: Int) -> ArraySlice<Float> {
            let start = (graph.targetNodes.lowerBound + target) * graph.nodeCount
            return matrix[start..<start + graph.nodeCount]
        }
        let difference = zip(row(0), row(1)).map { $0 - $1 }
        #expect(gap(difference, Array(row(2))) < 1e-4)
        #expect(graph.effects.row(graph.targetNodes.lowerBound + 3).isEmpty)
        #expect(graph.name(of: graph.targetNodes.lowerBound + 2) == "logits.t5-t9")
    }

    @Test("Targets that aren't there are refused")
    func badTargets() throws {
        let run = try AttributionReference.sources("gpt2-clt").run
        #expect(throws: (any Error).self) { try AttributionTargets([.token(60)], after: run) }
        #expect(throws: (any Error).self) {
            try AttributionTargets([.direction("short", [1, 2])], after: run)
        }
    }
}
