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
        // Edges against metric and faithfulness, each with the line of a file and the front; the
        // faithfulness over the share of edges with its band, and a ROC curve without.
        #expect(svg.split(separator: "<g ").count == 5)
        #expect(svg.split(separator: "<polyline").count == 7)
        #expect(svg.contains("Pareto front") && svg.contains("c.h5 (acdc)"))
        #expect(svg.split(separator: "<polygon").count == 2)
        #expect(svg.contains("share of edges") && svg.contains(">roc<"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
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
