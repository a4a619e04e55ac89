import Artifacts
import Graphs
import TestSupport
import Testing

@Suite("Two circuits compared")
struct CircuitComparisonTests {
    @Test("Circuits of one graph are aligned by name, and the scores of common edges compared")
    func alignmentByName() throws {
        let first = CircuitArtifact.sample(
            edges: ["input->m0": 1, "m0->logits": 2, "input->a1.h1<q>": 0.5])
        let second = CircuitArtifact.sample(
            edges: ["input->m0": 1.5, "m0->logits": 2, "m0->m1": 0.25])
        let comparison = CircuitComparison(first, second)
        #expect(comparison.alignment.method == .name)
        #expect(!comparison.areSame)
        #expect(comparison.edgeJaccard == 0.5)
        #expect(comparison.nodeJaccard == 3.0 / 5.0)
        #expect(
            Set(comparison.edges.filter { !$0.inSecond }.map(\.name)) == ["input->a1.h1<q>"])
        #expect(Set(comparison.edges.filter { !$0.inFirst }.map(\.name)) == ["m0->m1"])
        let scores = try #require(comparison.scores)
        #expect(scores.count == 2)
        #expect(scores.maximumEdge == "input->m0" && scores.maximum == 0.5)
        #expect(scores.meanAbsolute == 0.25)
    }

    @Test("Circuits with the same edges are the same, whatever their scores")
    func otherScores() {
        let first = CircuitArtifact.sample(edges: ["input->m0": 1])
        let second = CircuitArtifact.sample(edges: ["input->m0": 2])
        #expect(CircuitComparison(first, second).areSame)
    }

    @Test("Two empty circuits are the same")
    func emptyCircuits() {
        let empty = CircuitArtifact.sample(edges: [:])
        let comparison = CircuitComparison(empty, empty)
        #expect(comparison.areSame && comparison.edgeJaccard == 1)
        #expect(comparison.scores == nil)
    }

    @Test("Edges are counted by layer and by type")
    func summaries() {
        let first = CircuitArtifact.sample(edges: ["input->m0": 1, "a0.h0->a1.h1<q>": 1])
        let second = CircuitArtifact.sample(edges: ["a0.h0->a1.h1<q>": 1, "m1->logits": 1])
        let summaries = CircuitComparison(first, second).summaries
        #expect(
            summaries == [
                .init(group: "layer 0", onlyFirst: 1, onlySecond: 0, both: 0),
                .init(group: "layer 1", onlyFirst: 0, onlySecond: 0, both: 1),
                .init(group: "logits", onlyFirst: 0, onlySecond: 1, both: 0),
                .init(group: "head->q", onlyFirst: 0, onlySecond: 0, both: 1),
                .init(group: "input->mlp", onlyFirst: 1, onlySecond: 0, both: 0),
                .init(group: "mlp->logits", onlyFirst: 0, onlySecond: 1, both: 0),
            ])
    }

    /// Four query heads over two key-value heads, once grouped, once per query head: the k input of
    /// heads 2 and 3 is that of key-value head 1.
    @Test("The inputs of a grouped key-value head are aligned with those of its query heads")
    func groupedKeyValueHeads() {
        let grouped = CircuitArtifact.sample(
            .sample(heads: 4, keyValueHeads: 2), edges: ["input->a1.kv1<k>": 1, "input->m0": 1])
        let ungrouped = CircuitArtifact.sample(
            .sample(heads: 4, keyValueHeads: 2, ungrouped: true),
            edges: ["input->a1.h3<k>": 0.25, "input->m0": 1])
        let comparison = CircuitComparison(grouped, ungrouped)
        #expect(comparison.alignment.method == .name)
        #expect(comparison.alignment.statement.count == 2)
        #expect(comparison.edgeJaccard == 1)
    }

    @Test(
        "Circuits of one model at two levels are aligned by name at the coarser one",
        arguments: [GraphLevel.head, .layer])
    func levels(level: GraphLevel) throws {
        let fine = CircuitArtifact.sample(
            edges: ["input->a1.h1<q>": 1, "input->a1.h1<k>": 0.5, "m0->logits": 2])
        let coarser = try GraphProjection(of: .sample(), to: level, false).graph
        let attention = level == .head ? "a1.h1" : "a1"
        let coarse = CircuitArtifact.sample(
            coarser, edges: ["input->\(attention)": 1.25, "m0->logits": 2, "m0->m1": 1])
        for (first, second) in [(fine, coarse), (coarse, fine)] {
            let comparison = CircuitComparison(first, second)
            #expect(comparison.alignment.method == .name)
            #expect(comparison.alignment.statement[0].contains("at the level \(level.rawValue)."))
            #expect(comparison.edgeJaccard == 2.0 / 3.0 && comparison.nodeJaccard == 4.0 / 5.0)
            let entry = try #require(
                comparison.edges.first { $0.name == "input->\(attention)" })
            #expect([entry.firstScore, entry.secondScore].sorted() == [1.25, 1.5])
        }
    }

    @Test("Circuits with and without positions are aligned without them")
    func positions() throws {
        let whole = CircuitArtifact.sample(edges: ["input->m0": 1, "m0->logits": 2])
        var table = GraphTable.sample()
        table.nodes = table.nodes.map { $0 + "@1" }
        table.receivers = table.receivers.map { $0 + "@1" }
        table.level = GraphTable.positionLevel
        let one = CircuitArtifact.sample(
            table, edges: ["input@1->m0@1": 3, "m0@1->m1@1": 1], nodes: ["input@1", "m0@1"])
        let comparison = CircuitComparison(whole, one)
        #expect(comparison.alignment.method == .name)
        #expect(comparison.edgeJaccard == 1.0 / 3.0)
        let entry = try #require(comparison.edges.first { $0.name == "input->m0" })
        #expect(entry.firstScore == 1 && entry.secondScore == 3)
    }

    /// Two layers against four: layers 0 and 1 of the deeper model are aligned with layer 0.
    @Test("Circuits of models of other shapes are aligned by relative depth")
    func alignmentByDepth() {
        let shallow = CircuitArtifact.sample(
            .sample(layers: 2, heads: 2), edges: ["input->m0": 1, "a0.h1->a1.h0<v>": 1])
        let deep = CircuitArtifact.sample(
            .sample(layers: 4, heads: 3),
            edges: ["input->m1": 0.5, "input->m0": 0.25, "a1.h2->a2.h0<v>": 1, "m3->logits": 1])
        let comparison = CircuitComparison(shallow, deep)
        #expect(comparison.alignment.method == .relativeDepth)
        #expect(comparison.alignment.statement.joined().contains("0~0-1, 1~2-3"))
        let both = comparison.edges.filter { $0.inFirst && $0.inSecond }
        #expect(Set(both.map(\.name)) == ["input->m0", "a0->a1<v>"])
        #expect(both.first { $0.name == "input->m0" }?.secondScore == 0.75)
        #expect(comparison.edgeJaccard == 2.0 / 3.0)
    }

    @Test("The artifact of a comparison names the nodes that weren't aligned")
    func unalignedNodes() {
        var odd = GraphTable.sample(layers: 3)
        odd.nodes[1] = "router"
        let first = CircuitArtifact.sample(odd, edges: [:], nodes: ["router"])
        let second = CircuitArtifact.sample(.sample(), edges: [:])
        let comparison = CircuitComparison(first, second)
        let reference = ArtifactReference(kind: .circuit, digest: "d", path: "x.h5")
        let artifact = CircuitDiffArtifact(
            comparison, first: (first, reference), second: (second, reference))
        #expect(artifact.first.unalignedNodes == ["router"])
        #expect(artifact.second.unalignedNodes.isEmpty)
        #expect(artifact.alignment == "relative-depth")
        #expect(comparison.alignment.statement.contains { $0.contains("router") })
    }
}
