import Engine
import Foundation
import Models
import TestSupport
import Testing

/// The real model against `transformers`.
@Suite struct SmolLM2LogitsTests {
    private struct Reference: Decodable {
        struct Prompt: Decodable {
            struct Entry: Decodable {
                var id: Int
                var logit: Float
            }
            var text: String
            var ids: [Int32]
            var top: [Entry]
        }
        var prompts: [Prompt]
    }

    @Test(
        "Logits of 12 prompts within 2e-3",
        .enabled(if: Fixture.smolLM2 != nil, Fixture.needsSmolLM2))
    func logits() throws {
        let path = try #require(Fixture.smolLM2)
        let model = try Model.load(path)
        let transformer = try Transformer(model)
        let reference = try JSONDecoder().decode(
            Reference.self, from: Fixture.data("smollm2/logits.json"))
        let logits = try transformer.logits(of: reference.prompts.map(\.ids))
        for (index, prompt) in reference.prompts.enumerated() {
            let row = logits.values + index * model.configuration.dVocab
            #expect(!prompt.top.isEmpty)
            for entry in prompt.top {
                #expect(abs(row[entry.id] - entry.logit) < 2e-3, "\(prompt.text)")
            }
        }
    }
}
