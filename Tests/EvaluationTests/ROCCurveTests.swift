import Artifacts
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite("ROC curves")
struct ROCCurveTests {
    /// Worked by hand. The staircase has the area under the lowest steps through the points.
    @Test(
        "The areas equal those computed by hand",
        arguments: [
            // All true ones first: both areas are whole.
            ([4, 3, 2, 1], [true, true, false, false], 1, 1),
            ([4, 3, 2, 1], [false, false, true, true], 0, 0),
            // One true, one false, one true, one false: steps of 1/2; (0,.5) (.5,.5) (.5,1) (1,1).
            ([4, 3, 2, 1], [true, false, true, false], 0.75, 0.75),
            // All equal: one line from corner to corner, and no staircase below it.
            ([1, 1, 1, 1], [true, false, true, false], 0, 0.5),
            // A tie of a true and a false one behind a true one: (0,.5), then (.5,1).
            ([3, 2, 2, 1], [true, true, false, false], 0.75, 0.875),
            // Without a score they are found last, together.
            ([2, Float.nan, Float.nan, 1], [true, true, false, false], 0.5, 0.625),
        ])
    func areas(scores: [Float], truth: [Bool], pessimistic: Double, trapezoid: Double) throws {
        let curve = try #require(ROCCurve(scores, truth: truth, absolute: false))
        #expect(curve.pessimisticArea == pessimistic)
        #expect(curve.trapezoidArea == trapezoid)
        #expect(curve.falsePositiveRates.first == 0 && curve.truePositiveRates.first == 0)
        #expect(curve.falsePositiveRates.last == 1 && curve.truePositiveRates.last == 1)
    }

    /// An example of `pessimistic_auc` in ACDC's code, as scores: points at the corners only.
    @Test("The pessimistic area equals that of ACDC's implementation")
    func pessimisticArea() throws {
        // Points (0,0), (.25,.25), (.5,.5), (1,1): 5/16.
        let scores: [Float] = [3, 2, 1, 1, 3, 2, 1, 1]
        let truth = [true, true, true, true, false, false, false, false]
        let curve = try #require(ROCCurve(scores, truth: truth, absolute: false))
        #expect(curve.falsePositiveRates == [0, 0.25, 0.5, 1])
        #expect(curve.pessimisticArea == 5.0 / 16)
    }

    @Test("Scores are ranked with their signs, or by magnitude")
    func absoluteScores() throws {
        let truth = [true, false, false]
        let signed = try #require(ROCCurve([-5, 1, 2], truth: truth, absolute: false))
        let absolute = try #require(ROCCurve([-5, 1, 2], truth: truth, absolute: true))
        #expect(signed.trapezoidArea == 0 && absolute.trapezoidArea == 1)
    }

    @Test("There is no curve without both true and false edges")
    func oneClass() {
        #expect(ROCCurve([1, 2], truth: [true, true], absolute: false) == nil)
        #expect(ROCCurve([1, 2], truth: [false, false], absolute: false) == nil)
    }

    @Test("The areas equal the reference's", arguments: EvaluationReference.families)
    func referenceAreas(family: String) throws {
        let reference = try JSONDecoder().decode(
            EvaluationReference.self, from: Fixture.data("reference/\(family)/evaluation.json"))
        let curve = try #require(
            ROCCurve(
                reference.scores, truth: EvaluationReference.flags(reference.truth),
                absolute: false))
        #expect(abs(curve.pessimisticArea - reference.auc.pessimistic) < 1e-8)
        #expect(abs(curve.trapezoidArea - reference.auc.trapezoid) < 1e-8)
    }

    @Test("An edge's score is the highest threshold of a run that keeps it")
    func thresholdScores() {
        var circuit = CircuitArtifact.sample(edges: ["input->m0": 1])
        #expect(circuit.thresholdScores.reduce(0, +) == 1)
        let edge = circuit.inCircuit.firstIndex(of: true) ?? 0
        var kept = circuit.inCircuit
        kept[edge + 1] = true
        circuit.runs = [
            CircuitRun(
                threshold: 0.5, order: "cli", circuitMetric: 0, inCircuit: circuit.inCircuit),
            CircuitRun(threshold: 0.1, order: "cli", circuitMetric: 0, inCircuit: kept),
        ]
        let scores = circuit.thresholdScores
        #expect(scores[edge] == 0.5 && scores[edge + 1] == 0.1 && scores.count { $0 > 0 } == 2)
    }
}
