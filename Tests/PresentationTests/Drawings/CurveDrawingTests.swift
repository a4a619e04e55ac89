import Artifacts
import Basics
import Presentation
import TestSupport
import Testing

@Suite("Drawings of an evaluation")
struct CurveDrawingTests {
    @Test("There is a panel for each pair of axes, with a band where there are intervals")
    func panels() throws {
        let svg = try CurveDrawing(EvaluationArtifact.sample).svg()
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
        // Edges against metric and faithfulness, each with marks and the line of the front; the
        // faithfulness over the share of edges with its band, and a ROC curve without.
        #expect(svg.split(separator: "<g ").count == 5)
        #expect(svg.split(separator: "<polyline").count == 5)
        #expect(svg.contains("Pareto front") && svg.contains("c.h5 (acdc)"))
        #expect(svg.split(separator: "<polygon").count == 2)
        #expect(svg.contains("share of edges") && svg.contains(">roc<"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test("Runs of different methods and orders are told apart, and only the front joins marks")
    func methods() throws {
        var evaluation = EvaluationArtifact.sample
        evaluation.curves = []
        let row = try #require(evaluation.circuits.first)
        evaluation.circuits = ["cli", "library", "cli", "library"].enumerated().map {
            index, order in
            var circuit = row
            (circuit.order, circuit.run) = (order, index)
            (circuit.edgeCount, circuit.metric.value) = (10 + 7 * index, 4 - Double(index))
            return circuit
        }
        var other = row
        (other.method, other.edgeCount) = ("edge-pruning", 90)
        evaluation.circuits.append(other)
        let svg = try CurveDrawing(evaluation).svg()
        for name in ["c.h5 (acdc, cli)", "c.h5 (acdc, library)", "c.h5 (edge-pruning)"] {
            #expect(svg.contains(">\(name)</text>"))
        }
        #expect(svg.split(separator: "<polyline").count == 3, "a front in each of two panels")
        // Of each kind one mark a circuit and one in the legend, in two panels.
        let squares = svg.matches(of: #/<path d="M [^"]*" fill="#b2182b"/#)
        let triangles = svg.matches(of: #/<path d="M [^"]*" fill="#666666"/#)
        let circles = svg.matches(of: #/<circle [^>]* fill="#2166ac"/#)
        #expect((circles.count, squares.count, triangles.count) == (6, 6, 4))
        #expect(squares[0].0.split(separator: "L").count == 4)
        #expect(triangles[0].0.split(separator: "L").count == 3)
    }

    @Test("A curve that lies on another is dashed, and the legend says on which")
    func coincident() throws {
        var evaluation = EvaluationArtifact.sample
        evaluation.circuits = []
        var curve = try #require(evaluation.curves.first)
        func dashes(_ curves: [EvaluationArtifact.Curve]) throws -> (lines: Int, svg: String) {
            evaluation.curves = curves
            let svg = try CurveDrawing(evaluation).svg()
            return (svg.matches(of: #/<polyline [^>]*dasharray="5 5"/#).count, svg)
        }
        curve.x = [0.1, 0.5, 1]
        let first = curve
        curve.name = "other"
        let same = try dashes([first, curve])
        #expect(same.lines == 1 && same.svg.contains("other (dashed: as faithfulness)"))
        curve.y = [0, 0.75, 0.5]
        let partly = try dashes([first, curve])
        #expect(partly.lines == 1 && partly.svg.contains("other (dashed)"))
        curve.y = [0, 0.5, 1]
        let crossing = try dashes([first, curve])
        #expect(crossing.lines == 0 && crossing.svg.contains(">other</text>"))
    }

    @Test("Circuits of nearly the same size have numbers on the axis of edges")
    func narrowSizes() throws {
        var evaluation = EvaluationArtifact.sample
        evaluation.curves = []
        for (index, count) in zip(evaluation.circuits.indices, [26, 48]) {
            evaluation.circuits[index].edgeCount = count
        }
        let labels = try CurveDrawing(evaluation).svg().split(separator: "\n")
            .filter { $0.contains("text-anchor=\"middle\" font-size=\"9\"") }
        for tick in [30, 35, 40, 45] {
            #expect(labels.contains { $0.contains(">\(tick)</text>") }, "\(tick): \(labels)")
        }
    }

    @Test("Names of runs and of heights are inside the frame, even at its edges")
    func labelsInsideFrames() throws {
        var evaluation = EvaluationArtifact.sample
        evaluation.curves = []
        let row = try #require(evaluation.circuits.first)
        evaluation.circuits = [(1, 0.0, 1.0), (40, 2.0, 0.5), (70_000, 4.3, 0.0)].enumerated().map {
            index, values in
            var circuit = row
            (circuit.run, circuit.edgeCount, circuit.isOnFront) = (1000 + index, values.0, true)
            circuit.metric.value = values.1
            circuit.faithfulness.value = values.2
            return circuit
        }
        evaluation.figures = [
            .init(name: "metric-full", value: 0), .init(name: "metric-corrupted", value: 4.3),
        ]
        let texts = try CurveDrawing(evaluation).svg().matches(
            of: #/<text x="(.+?)" y="(.+?)" text-anchor="(start|end)" font-size="8".*?>(.*?)</#)
        #expect(texts.contains { $0.4 == "#1000" } && texts.contains { $0.4 == "#1002" })
        for name in ["all corrupted", "full model"] {
            #expect(texts.contains { $0.4 == name })
        }
        for text in texts {
            let (x, y) = (try #require(Double(text.1)), try #require(Double(text.2)))
            let width = TextWidth.of(text.4, size: 8)
            let left = text.3 == "start" ? x : x - width
            #expect(left > 56 && left + width < 384, "\(text.0)")
            #expect(y - 7 > 30 && y < 244, "\(text.0)")
        }
    }

    @Test("An evaluation without curves is refused")
    func noCurves() {
        var evaluation = EvaluationArtifact.sample
        (evaluation.curves, evaluation.circuits) = ([], [])
        #expect(throws: Failure.self) { try CurveDrawing(evaluation) }
    }
}
