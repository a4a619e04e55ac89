import Artifacts
import Basics
import Graphs
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
        let drawn = DrawnGraph(dot: dot)
        #expect(drawn.boxes == ["input", "a0.h1", "m1", "logits"])
        #expect(drawn.arrows.count == 3)
        #expect(dot.contains("\"input\" -> \"a0.h1\":q:s"))
        #expect(dot.contains("blue edges help"))
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

    @Test("A shared key-value head stands in one box with the query heads that read it")
    func keyValueHeads() throws {
        let circuit = CircuitArtifact.sample(
            .sample(heads: 4, keyValueHeads: 2),
            edges: [
                "input->a1.kv1<k>": 1, "input->a1.h3<q>": 1, "a1.h3->logits": 1, "a1.h0->logits": 1,
            ])
        let dot = CircuitDrawing(circuit).dot()
        #expect(dot.contains("\"input\" -> \"a1.kv1\":k:s"))
        #expect(dot.contains("\"input\" -> \"a1.kv1\":h0:s"), "the query of head 3")
        #expect(dot.contains("\"a1.kv1\":h0:n -> \"logits\""), "the output of head 3")
        #expect(dot.contains("\"a1.h0\" -> \"logits\""), "head 0 reads the other key-value head")
        #expect(DrawnGraph(dot: dot).boxes == ["input", "a1.kv1", "a1.h0", "logits"])
    }

    @Test("Rows are layers, from the input at the bottom to the logits at the top")
    func rows() {
        let circuit = CircuitArtifact.sample(
            edges: ["input->a0.h0<v>": 1, "a0.h0->m0": 1, "m0->a1.h1<v>": 1, "a1.h1->logits": 1])
        let lines = CircuitDrawing(circuit).dot().split(separator: "\n")
        let order = ["\"input\" [", "\"a0.h0\" [", "\"m0\" [", "\"a1.h1\" [", "\"logits\" ["]
        let places = order.map { name in lines.firstIndex { $0.contains("    " + name) } ?? -1 }
        #expect(places == places.sorted() && !places.contains(-1))
        // The heads of layer 0 lead into its MLP, which therefore stands above them.
        #expect(lines.count { $0.contains("rank=same") } == 5)
    }

    @Test("A title of one's own stands in place of the usual one, and a caption can be left out")
    func captions() {
        let circuit = CircuitArtifact.sample(edges: ["input->m0": 1, "m0->logits": 1])
        var options = CircuitDrawing.Options()
        #expect(CircuitDrawing(circuit).dot().contains("2 of 46 edges"))
        options.title = "Mine & only"
        let titled = CircuitDrawing(circuit, options).dot()
        #expect(titled.contains("Mine &amp; only") && !titled.contains("of 46 edges"))
        #expect(titled.contains("width and colour"))
        options.hasCaption = false
        let bare = CircuitDrawing(circuit, options).dot()
        #expect(bare.contains("Mine &amp; only") && !bare.contains("width and colour"))
        options.title = nil
        #expect(!CircuitDrawing(circuit, options).dot().contains("  label=<"))
    }

    @Test("A score without a bound is drawn", arguments: [Float.infinity, -.infinity, .nan])
    func notFinite(score: Float) throws {
        let circuit = CircuitArtifact.sample(
            edges: ["input->a0.h1<v>": score, "a0.h1->logits": 2, "a0.h1->m0": score])
        let dot = CircuitDrawing(circuit).dot()
        #expect(DrawnGraph(dot: dot).arrows.count == 3)
        #expect(!dot.contains("penwidth=nan") && !dot.contains("penwidth=inf"))
        #expect(try Graphviz.svg(dot: dot).contains("<svg"))
    }

    @Test("Names of nodes are escaped")
    func escaping() throws {
        var graph = GraphTable.sample()
        graph.nodes[1] = "a\"]; evil [label=\"<b>&\u{1B}[31m\u{202E}"
        let edge = "\(graph.nodes[1])->m0"
        let dot = CircuitDrawing(.sample(graph, edges: [edge: 1])).dot()
        #expect(!dot.contains("evil [label=\""))
        #expect(dot.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
        let svg = try Graphviz.svg(dot: dot)
        #expect(DrawnSVG(svg) != nil, "it is XML")
        #expect(!svg.unicodeScalars.contains("\u{1B}") && !svg.unicodeScalars.contains("\u{202E}"))
    }
}
