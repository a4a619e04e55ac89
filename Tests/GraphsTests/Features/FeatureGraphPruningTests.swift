import Artifacts
import Graphs
import TestSupport
import Testing

/// The arithmetic of attribution graphs on one that can be worked out by hand.
@Suite("Pruning of attribution graphs")
struct FeatureGraphPruningTests {
    /// Two features, one layer each, at the second of two positions; an error in each layer.
    private let graph: FeatureGraph = {
        var effects = SparseRows()
        func row(_ entries: [(column: Int32, value: Float)]) {
            for entry in entries { effects.append(entry.value, column: entry.column) }
            effects.endRow()
        }
        // Nodes: 0 m0.f5, 1 m1.f60, 2...5 errors, 6 and 7 tokens, 8 and 9 logits.
        row([(7, 1)])
        row([(0, -0.5), (3, 0.25), (7, 0.25)])
        for _ in 0..<6 { row([]) }
        row([(0, 0), (1, 2), (5, -1), (6, 1)])
        row([(1, 1)])
        return FeatureGraph(
            layerCount: 2, tokens: [2, 7],
            features: [
                FeatureGraph.Feature(layer: 0, position: 1, index: 5, activation: 1.5),
                FeatureGraph.Feature(layer: 1, position: 1, index: 60, activation: 0.25),
            ],
            targets: [
                FeatureGraph.Target(label: "t9", token: 9, weight: 0.5),
                FeatureGraph.Target(label: "t3", token: 3, weight: 0.25),
            ], effects: effects)
    }()

    @Test("Nodes have their names")
    func names() {
        #expect(
            (0..<graph.nodeCount).map { graph.name(of: $0) } == [
                "m0.f5@1", "m1.f60@1", "m0.error@0", "m0.error@1", "m1.error@0", "m1.error@1",
                "input@0", "input@1", "logits.t9", "logits.t3",
            ])
    }

    @Test("Influence is the share over all paths")
    func influence() {
        // m1.f60: half of 0.5, and 0.25; of these 0.5 a half goes on to m0.f5, and from it to input@1.
        #expect(graph.influence() == [0.25, 0.5, 0, 0.125, 0, 0.125, 0.125, 0.375, 0, 0])
    }

    @Test("Scores compare tokens and errors")
    func scores() {
        let scores = graph.scores()
        #expect(scores.replacement == 0.5 / 0.75)
        // Weights: nodes 2.25 in all; the errors take a quarter of m1.f60's and of t9's.
        #expect(abs(scores.completeness - (2.25 - 0.125 - 0.125) / 2.25) < 1e-12)
        #expect(graph.scoresCountingLeftOut() == scores)
    }

    @Test("Equal nodes at the threshold stay together, loose ends go")
    func pruning() {
        let all = graph.pruned(nodeThreshold: 1, edgeThreshold: 1)
        #expect(all.edgeKept.allSatisfy { $0 })
        #expect(all.nodeKept == [true, true, false, true, false, true, true, true, true, true])
        // 0.5 of 1.5 is a third: the first node is enough. Then f60 has only tokens left below it.
        let some = graph.pruned(nodeThreshold: 0.3, edgeThreshold: 1)
        #expect(some.nodeKept == [false, true, false, false, false, false, true, true, true, true])
        #expect(some.cumulative[1] == 0.5 / 1.5)
        // With the strongest edges alone, from f60 to the logits, nothing leads to f60, so all goes.
        let few = graph.pruned(nodeThreshold: 0.3, edgeThreshold: 0.1)
        #expect(few.nodeKept == [false, false, false, false, false, false, true, true, true, true])
        #expect(!few.edgeKept.contains(true))
    }

    @Test("An artifact holds the same, prompt after prompt")
    func artifact() {
        var artifact = AttributionGraphArtifact.sample
        let count = artifact.nodes.count
        artifact.append(graph, name: "by hand")
        #expect(artifact.nodes(ofPrompt: 2) == count..<count + 10)
        #expect(artifact.nodes.names.suffix(10).first == "m0.f5@1")
        #expect(artifact.edges(ofPrompt: 2).count == graph.effects.count)
        #expect(artifact.nodes.leftOut?.count == artifact.nodes.count)
        let paths = artifact.strongestPaths(ofPrompt: 2, count: 10)
        #expect(paths.first.map { $0.nodes.map { $0 - count } } == [7, 0, 1, 8])
        #expect(paths.first?.share == 0.125)
    }
}
