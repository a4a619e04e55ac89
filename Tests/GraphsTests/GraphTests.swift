import Artifacts
import Basics
import Graphs
import TestSupport
import Testing

@Suite("Computational graphs")
struct GraphTests {
    @Test("Edge counts equal those of the field's other tools")
    func edgeCounts() {
        let gpt2 = ComputationalGraph(nLayers: 12, nHeads: 12, nKeyValueHeads: 12, dModel: 768)
        #expect(gpt2.edgeCount == 32_491)
        #expect(gpt2.senders.count == 158 - 1)
        let smolLM2 = ComputationalGraph(nLayers: 30, nHeads: 9, nKeyValueHeads: 3, dModel: 576)
        #expect(smolLM2.edgeCount == 70_651)
        let ungrouped = ComputationalGraph(
            nLayers: 30, nHeads: 9, nKeyValueHeads: 3, dModel: 576, ungroupedKeyValue: true)
        #expect(ungrouped.edgeCount == 123_211)
    }

    @Test("The numbers and the names of edges correspond", arguments: [false, true])
    func numbering(ungrouped: Bool) throws {
        let graph = ComputationalGraph(
            nLayers: 2, nHeads: 4, nKeyValueHeads: 2, dModel: 8, ungroupedKeyValue: ungrouped)
        let table = graph.table
        #expect(table.edgeCount == graph.edgeCount)
        for edge in 0..<graph.edgeCount {
            #expect(graph.name(ofEdge: edge) == table.edgeName(edge))
            let (sender, receiver) = (graph.sender(ofEdge: edge), graph.receiver(ofEdge: edge))
            #expect(graph.edge(from: sender, to: receiver) == edge)
        }
        #expect(try ComputationalGraph(table) == graph)
        let names = Set((0..<graph.edgeCount).map(graph.name(ofEdge:)))
        #expect(names.contains("a0.h3->m0"))
        #expect(names.contains(ungrouped ? "m0->a1.h2<k>" : "m0->a1.kv1<k>"))
        #expect(!names.contains("m1->a1.h0<q>"))
    }

    @Test("A head of a parallel layer doesn't feed its layer's MLP")
    func parallelLayers() {
        let graph = ComputationalGraph(
            nLayers: 2, nHeads: 2, nKeyValueHeads: 2, dModel: 8, parallelAttentionMLP: true)
        let names = Set((0..<graph.edgeCount).map(graph.name(ofEdge:)))
        #expect(!names.contains("a1.h0->m1"))
        #expect(names.contains("a0.h0->m1"))
    }

    @Test("A table that isn't a complete graph is refused")
    func brokenTable() {
        var table = ComputationalGraph(nLayers: 1, nHeads: 2, nKeyValueHeads: 2, dModel: 4).table
        table.receiverOfEdge[3] = 0
        #expect(throws: Failure.self) { try ComputationalGraph(table) }
        table.nLayers = 1 << 40
        #expect(throws: Failure.self) { try ComputationalGraph(table) }
    }

    @Test("Node names are parsed, and other texts aren't nodes")
    func nodeNames() {
        let nodes: [Node] = [.input, .head(layer: 3, head: 7), .mlp(layer: 11), .logits]
        #expect(nodes.map(\.name) == ["input", "a3.h7", "m11", "logits"])
        for node in nodes { #expect(Node(name: node.name) == node) }
        for name in ["", "a3", "a3.h", "a.h3", "m-1", "a3.h7<q>", "a3.h7.h8"] {
            #expect(Node(name: name) == nil)
        }
    }
}
