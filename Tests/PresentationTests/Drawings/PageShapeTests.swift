import Artifacts
import Basics
import Graphs
import Presentation
import TestSupport
import Testing

/// Whether drawings can be read on a page, and in which order boxes stand there.
@Suite("Drawings on a page")
struct PageShapeTests {
    /// A circuit of `layers` layers, of whose heads each reads the input and writes to its MLP and the
    /// logits: five arrows a layer for one head, and three more for each further one.
    private func circuit(layers: Int, heads: Int) -> CircuitArtifact {
        var edges: [String: Float] = ["input->logits": 1]
        for layer in 0..<layers {
            (edges["m\(layer)->logits"], edges["input->m\(layer)"]) = (1, 2)
            for head in 0..<heads {
                let name = "a\(layer).h\(head)"
                edges["input->\(name)<v>"] = 1
                edges["\(name)->logits"] = Float(head + 1)
                edges["\(name)->m\(layer)"] = 0.5
            }
        }
        return CircuitArtifact.sample(.sample(layers: layers, heads: heads), edges: edges)
    }

    private func drawing(
        _ circuit: CircuitArtifact, _ detail: CircuitDrawing.Detail
    ) -> CircuitDrawing {
        var options = CircuitDrawing.Options()
        options.detail = detail
        return CircuitDrawing(circuit, options)
    }

    /// The size of labels where the drawing is as wide as the text of an A4 page, 17 cm, or as high, 24.7
    /// cm, in points.
    private func labelSize(_ drawing: CircuitDrawing) throws -> Double {
        let drawn = try #require(DrawnSVG(try Graphviz.svg(dot: drawing.dot())))
        return 11 * min(482 / drawn.size.width, 700 / drawn.size.height)
    }

    @Test("A circuit that is too wide for a page is folded until its labels can be read there")
    func wide() throws {
        let circuit = circuit(layers: 14, heads: 4)
        let drawing = drawing(circuit, .auto)
        #expect(drawing.remarks == ["the heads of a layer are drawn as one box"])
        #expect(try labelSize(drawing) > 5.7)
        let drawn = DrawnGraph(dot: drawing.dot())
        #expect(drawn.arrows.count == 14 * 5 + 1)
        #expect(drawn.reached(from: "input") == drawn.boxes)
        #expect(drawn.reached(from: "logits", backwards: true) == drawn.boxes)
    }

    @Test("Who asks for every head gets it, closer together")
    func full() throws {
        let drawing = drawing(circuit(layers: 14, heads: 4), .full)
        #expect(drawing.remarks.isEmpty)
        #expect(DrawnGraph(dot: drawing.dot()).arrows.count == 14 * 14 + 1)
        #expect(drawing.dot().contains("nodesep=0.04"))
    }

    @Test("A circuit that fits is drawn head by head")
    func small() throws {
        let drawing = drawing(circuit(layers: 3, heads: 2), .auto)
        #expect(drawing.remarks.isEmpty)
        #expect(drawing.dot().contains("nodesep=0.08"))
        #expect(DrawnGraph(dot: drawing.dot()).boxes.contains("a2.h1"))
        #expect(try labelSize(drawing) > 6)
    }

    @Test("Boxes of a row stand in the order of their positions")
    func positions() throws {
        let (graph, _) = KnownCircuit.docstring.graph.table(forPromptsOf: [13])
        var edges: [String: Float] = [:]
        for (head, position) in [(0, 10), (1, 2), (2, 7), (3, 10), (4, 2), (5, 10), (6, 7)] {
            edges["input@\(position)->a0.h\(head)<v>@\(position)"] = 1
            edges["a0.h\(head)@12->a1.h0<q>@12"] = 1
        }
        edges["a1.h0@12->logits@12"] = 1
        let drawing = drawing(CircuitArtifact.sample(graph, edges: edges), .auto)
        #expect(drawing.remarks.allSatisfy { !$0.contains("as one") }, "positions aren't folded")
        let drawn = try #require(DrawnSVG(try Graphviz.svg(dot: drawing.dot())))
        for row in ["0.", "input"] {
            let labels = drawn.texts.filter {
                $0.content.hasPrefix(row) && $0.content.contains("@")
            }
            .sorted { $0.x < $1.x }
            let found = labels.compactMap { Int($0.content.split(separator: "@")[1]) }
            #expect(found.count >= 3 && found == found.sorted(), "\(found)")
        }
    }
}
