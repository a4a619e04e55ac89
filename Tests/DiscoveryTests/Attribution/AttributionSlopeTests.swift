import Discovery
import Engine
import ExperimentSupport
import Experiments
import Tasks
import Testing

/// Where clean and corrupted runs are nearly the same, EAP, its integral over inputs and the
/// mean of clean and corrupted gradients are the first-order change of the loss by cutting the edge,
/// sign and size. (Integrals over activations leave out what goes through the component at hand.)
@Suite struct AttributionSlopeTests {
    @Test(
        "Near the clean run, scores are what cutting each edge does to the loss",
        arguments: ReferencePairs.families,
        [Metric.logitDifference, .negativeLogLikelihood])
    func slopes(family: String, metric: Metric) throws {
        let pairs = try ReferencePairs(family)
        let scorer = try AttributionScorer(
            pairs.experiment(metric, activations: pairs.nearlyClean(share: 0.001)))
        let exact = try scorer.scores(by: .exact).mean
        let largest = exact.map(abs).max() ?? 0
        #expect(largest > 1e-5)
        for method in [AttributionMethod.eap, .eapIGInputs, .cleanCorrupted] {
            let scores = try scorer.scores(by: method).mean
            #expect(scoreGap(scores, exact, floor: 0.2) < 0.2, "\(family) \(metric) \(method)")
            for (score, change) in zip(scores, exact) where abs(change) > 0.2 * largest {
                #expect(score.sign == change.sign, "\(family) \(metric) \(method)")
            }
        }
    }
}

extension ReferencePairs {
    /// The pairs with corrupted activations that are `share` of the way from the clean ones.
    fileprivate func nearlyClean(share: Float) -> PairActivations {
        func blend(_ clean: FloatBuffer, _ corrupted: FloatBuffer) -> FloatBuffer {
            FloatBuffer(zip(clean.array, corrupted.array).map { $0 + share * ($1 - $0) })
        }
        return PairActivations(
            dataset: dataset, clean: clean,
            corrupted: SenderOutputs(
                layout: clean.layout, input: blend(clean.input, corrupted.input),
                z: zip(clean.z, corrupted.z).map(blend),
                mlp: zip(clean.mlp, corrupted.mlp).map(blend)),
            cleanLogits: cleanLogits)
    }
}
