import Discovery
import Engine
import ExperimentSupport
import Experiments
import Tasks
import Testing

/// Where clean and corrupted runs are nearly the same, EAP, its integral over inputs and the
/// mean of clean and corrupted gradients are the first-order change of the loss by cutting the edge,
/// sign and size. (Integrals over activations leave out paths through the component itself.)
@Suite("Scores near the clean run")
struct AttributionSlopeTests {
    @Test(
        "Near the clean run, scores equal the change of the loss by cutting each edge",
        arguments: ReferencePairs.families,
        [Metric.logitDifference, .negativeLogLikelihood])
    func slopes(family: String, metric: Metric) throws {
        let pairs = try ReferencePairs(family)
        let nearlyClean = pairs.nearlyClean(share: 0.001)
        let exact = try pairs.scores(by: Exact(), metric, activations: nearlyClean).mean
        let largest = exact.map(abs).max() ?? 0
        #expect(largest > 1e-5)
        let methods: [any ScoringMethod] = [EAP(), EAPIGInputs(), CleanCorrupted()]
        for method in methods {
            let scores = try pairs.scores(by: method, metric, activations: nearlyClean).mean
            #expect(scoreGap(scores, exact, floor: 0.2) < 0.2, "\(family) \(metric) \(method.name)")
            for (score, change) in zip(scores, exact) where abs(change) > 0.2 * largest {
                #expect(score.sign == change.sign, "\(family) \(metric) \(method.name)")
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
