import Artifacts
import Discovery
import Graphs
import Models
import Testing

/// Scores of part of a graph against the reference implementation, and graphs that are read back.
@Suite("Subgraphs of attribution graphs")
struct SubgraphScoreTests {
    @Test(
        "Features outside are errors, on the whole graph and on the kept part",
        arguments: AttributionReference.cases)
    func scores(name: String) throws {
        let reference = try AttributionReference(name + "-subgraph")
        let graph = try AttributionReference.graph(name)
        let pruning = graph.pruned(nodeThreshold: 0.8, edgeThreshold: 0.98)
        let whole = graph.scores { $0 % 3 == 0 }
        let kept = graph.scores(ofSubgraph: { $0 % 3 == 0 }, pruning: pruning)
        for (scores, array) in [(whole, "whole"), (kept, "kept")] {
            #expect(
                gap(
                    [Float(scores.replacement), Float(scores.completeness)],
                    try reference(array)) < 2e-6, "\(array)")
        }
    }

    @Test("All features have the scores of the graph, none has nothing but errors")
    func ends() throws {
        let graph = try AttributionReference.graph("qwen2-relu")
        let (all, scores) = (graph.scores { _ in true }, graph.scores())
        #expect(abs(all.replacement - scores.replacement) < 1e-6)
        #expect(abs(all.completeness - scores.completeness) < 1e-6)
        let none = graph.scores { _ in false }
        #expect(none.replacement < scores.replacement)
    }

    @Test("A graph is the same after it was stored", arguments: ["gpt2-clt", "gemma2-skip"])
    func stored(name: String) throws {
        let graph = try AttributionReference.graph(name, limit: .init(features: 20))
        var artifact = AttributionGraphArtifact(
            model: ModelReference(
                name: "m", path: "", digest: String(repeating: "0", count: 64), family: "gpt2"),
            transcoders: TranscoderReference(
                name: "t", path: "", digest: String(repeating: "0", count: 64),
                kind: "transcoder_set", inputHook: "mlp.hook_in", outputHook: "mlp.hook_out",
                activation: "relu", featureCount: 16),
            layerCount: graph.layerCount, settings: .init())
        artifact.append(graph, name: "first")
        artifact.append(graph, name: "second")
        for prompt in 0..<2 {
            let stored = PromptGraph(name: "g.h5", artifact, prompt: prompt)
            #expect(try FeatureGraph(stored) == graph)
        }
    }
}
