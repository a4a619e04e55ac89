import Discovery
import Engine
import ExperimentSupport
import Experiments
import Models
import Tasks
import TestSupport
import Testing

/// Models whose weights have 16 bits, against twins with the same weights in float32.
@Suite("Weights of 16 bits")
struct NarrowWeightTests {
    /// The model with weights of 16 bits, and its twin.
    private func twins(
        _ family: String, file: String = "pairs"
    ) throws -> (narrow: ReferencePairs, wide: ReferencePairs) {
        let model = try Model.load(Fixture.path("models/\(family)"), .bfloat16)
        #expect(model.layers[0].mlp.output.weight.values.format == .bfloat16)
        #expect(model.tokenEmbedding.values.format == .bfloat16)
        let twin = try model.widened()
        #expect(twin.layers[0].mlp.output.weight.values.format == .float32)
        return (
            try ReferencePairs(family, model, file: file),
            try ReferencePairs(family, twin, file: file)
        )
    }

    @Test(
        "Logits, scores and gradients are those of the same weights in float32, bit for bit",
        arguments: ReferencePairs.everyFamily)
    func scores(family: String) throws {
        let (narrow, wide) = try twins(family)
        #expect(narrow.cleanLogits.array == wide.cleanLogits.array)
        let method = EAPIGInputs(steps: 2)
        let scores = try narrow.scores(by: method, .kl).mean
        #expect(scores == (try wide.scores(by: method, .kl).mean))
        #expect(scores.contains { $0 != 0 })
    }

    @Test("So are those of every additive method", arguments: ScoringMethods.additive)
    func methods(method: any ScoringMethod) throws {
        let (narrow, wide) = try twins("tiny-gpt2", file: "ragged")
        #expect(
            try narrow.scores(by: method, .logitDifference).mean
                == wide.scores(by: method, .logitDifference).mean)
    }

    @Test(
        "ACDC decides alike, bit for bit",
        arguments: ["tiny-gpt2", "tiny-llama-gqa", "tiny-gemma2", "tiny-olmo2"])
    func search(family: String) throws {
        let (narrow, wide) = try twins(family)
        let run = try ACDC(narrow.experiment(.kl), options: ACDC.Options()).run(at: 0.05)
        let twin = try ACDC(wide.experiment(.kl), options: ACDC.Options()).run(at: 0.05)
        #expect(run.decisions == twin.decisions)
        #expect(run.inCircuit == twin.inCircuit)
        #expect(run.circuitMetric == twin.circuitMetric)
    }
}
