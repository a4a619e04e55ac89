import Artifacts
import Presentation
import TestSupport
import Testing

@Suite("Drawings of circuits")
struct CircuitDrawingTests {
    @Test("DOT has every edge, its input, and only nodes with edges")
    func edges() {
        let circuit = CircuitArtifact.sample(
            edges: ["input->a0.h1<q>": 1, "a0.h1->m1": -0.5, "m1->logits": .nan])
        let dot = CircuitDrawing(circuit).dot()
        #expect(dot.contains("\"input\" -> \"a0.h1\":q:s"))
        #expect(dot.contains("\"a0.h1\" -> \"m1\""))
        #expect(dot.contains("\"m1\" -> \"logits\""))
        #expect(dot.contains("red ones hurt"))
        #expect(!dot.contains("\"m0\""), "a node without edges isn't drawn")
    }

    @Test("The width of an arrow grows with the square root of its score")
    func width() throws {
        let circuit = CircuitArtifact.sample(edges: ["input->m0": 4, "input->m1": 1])
        let lines = CircuitDrawing(circuit).dot().split(separator: "\n")
        let strong = try #require(lines.first { $0.contains("\"input\" -> \"m0\"") })
        let weak = try #require(lines.first { $0.contains("\"input\" -> \"m1\"") })
        #expect(strong.contains("penwidth=3.50"))
        #expect(weak.contains("penwidth=2.00"), "the square root of a quarter is a half")
    }

    @Test("A shared key-value head is linked to the query heads that read it")
    func keyValueHeads() {
        let circuit = CircuitArtifact.sample(
            .sample(heads: 4, keyValueHeads: 2),
            edges: ["input->a1.kv1<k>": 1, "a1.h3->logits": 1, "a1.h0->logits": 1])
        let dot = CircuitDrawing(circuit).dot()
        #expect(dot.contains("\"a1.kv1\" -> \"a1.h3\" [style=dotted"))
        #expect(!dot.contains("\"a1.kv1\" -> \"a1.h0\""), "head 0 reads the other key-value head")
    }

    @Test("A large circuit is merged by layer and cut to the limit of arrows")
    func largeCircuit() {
        let graph = GraphTable.sample(layers: 6, heads: 6)
        let names = (0..<graph.edgeCount).map { graph.edgeName($0) }
        let edges = Dictionary(uniqueKeysWithValues: names.map { ($0, Float(1)) })
        let dot = CircuitDrawing(.sample(graph, edges: edges), maximumEdges: 50).dot()
        #expect(dot.contains("the heads of a layer drawn as one block"))
        #expect(dot.contains("left out"))
        #expect(dot.split(separator: "\n").count { $0.contains("tooltip=") } == 50)
    }

    @Test("Names of nodes are escaped")
    func escaping() {
        var graph = GraphTable.sample()
        graph.nodes[1] = "a\"]; evil [label=\"<b>&"
        let edge = "\(graph.nodes[1])->m0"
        let dot = CircuitDrawing(.sample(graph, edges: [edge: 1])).dot()
        #expect(!dot.contains("evil [label=\""))
        #expect(dot.contains("&lt;b&gt;&amp;"))
    }

    @Test("Graphviz draws the DOT")
    func graphviz() throws {
        let circuit = CircuitArtifact.sample(edges: ["input->a0.h1<v>": 1, "a0.h1->logits": 2])
        let svg = try Graphviz.svg(dot: CircuitDrawing(circuit).dot())
        #expect(svg.contains("<svg") && svg.contains("0.1") && svg.contains("logits"))
    }
}
