import Artifacts
import Basics
import Interchange
import TestSupport
import Testing

@Suite("Curves of an evaluation")
struct CurveDrawingTests {
    @Test func aPanelForEachPairOfAxes() throws {
        let svg = try CurveDrawing(EvaluationArtifact.sample).svg()
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
        // Faithfulness over the share of edges with its band, and a ROC curve without.
        #expect(svg.split(separator: "<g ").count == 3)
        #expect(svg.split(separator: "<polyline").count == 3)
        #expect(svg.split(separator: "<polygon").count == 2)
        #expect(svg.contains("share of edges") && svg.contains(">roc<"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func nothingToDrawIsSaid() {
        var evaluation = EvaluationArtifact.sample
        evaluation.curves = []
        #expect(throws: Failure.self) { try CurveDrawing(evaluation) }
    }
}
