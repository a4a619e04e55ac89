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

    @Test("An evaluation without curves is refused")
    func noCurves() {
        var evaluation = EvaluationArtifact.sample
        (evaluation.curves, evaluation.circuits) = ([], [])
        #expect(throws: Failure.self) { try CurveDrawing(evaluation) }
    }
}
