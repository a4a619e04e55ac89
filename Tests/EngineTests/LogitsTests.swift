import Engine
import Foundation
import Models
import Testing
import Tokenization

/// Logits against those that `transformers`, or tracr itself, computed from the same weights.
@Suite("Logits equal the reference's")
struct LogitsTests {
    private func fixture(_ path: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "fixtures/\(path)").path
    }

    private func decode<T: Decodable>(_ type: T.Type, from path: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: fixture(path))))
    }

    private func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
    }

    private struct Reference: Decodable {
        var prompts: [[Int32]]
    }

    @Test(
        "The logits of tiny models equal those of transformers",
        arguments: [
            "tiny-gpt2", "tiny-gpt2.gguf", "tiny-llama", "tiny-llama-gqa", "tiny-llama-gqa.gguf",
            "tiny-qwen2",
            "tiny-qwen2.gguf", "tiny-gpt-neox", "tiny-gpt-neox.gguf", "tiny-gemma2",
            "tiny-gemma2.gguf",
        ])
    func tinyModels(_ name: String) throws {
        let folder = "models/" + name.replacing(".gguf", with: "")
        let prompts = try decode(Reference.self, from: folder + "/reference.json").prompts
        let expected = try Safetensors(path: fixture(folder + "/reference.safetensors"))
        let model = try Transformer(try Model.load(fixture("models/" + name)))
        for (index, prompt) in prompts.enumerated() {
            let (values, shape) = try expected.values(of: "\(index).logits")
            let logits = try model.logits(of: [prompt], rows: .all).array
            #expect(logits.count == shape[0] * shape[1])
            let difference = greatestDifference(logits, values)
            #expect(difference < 1e-4, "prompt \(index) of \(name): \(difference)")
        }
    }

    private struct TracrInput: Decodable {
        var ids: [Int32]
        var logits: [[Float]]
    }

    @Test(
        "The logits of tracr's programs equal those of tracr",
        arguments: ["reverse", "xproportion"])
    func tracrPrograms(_ name: String) throws {
        let model = try Transformer(try Model.load(fixture("tracr/\(name)")))
        for input in try decode([TracrInput].self, from: "tracr/\(name)/reference.json") {
            let logits = try model.logits(of: [input.ids], rows: .all).array
            let expected = input.logits.flatMap { $0 }
            #expect(logits.count == expected.count)
            #expect(greatestDifference(logits, expected) < 1e-4, "\(input.ids)")
        }
    }

    private struct SmolLM2: Decodable {
        struct Prompt: Decodable {
            struct Top: Decodable {
                var id: Int
                var logit: Float
            }
            var text: String
            var ids: [Int32]
            var top: [Top]
            var sample: [Float]
            var logsumexp: Double
        }
        var prompts: [Prompt]
    }

    @Test(
        "SmolLM2's logits equal those of transformers",
        .enabled(if: (try? ModelLocation.find("smollm2")) != nil))
    func smolLM2() throws {
        let loaded = try Model.load("smollm2")
        let model = try Transformer(loaded)
        let tokenizer = try #require(try loaded.tokenizer())
        let rows = try Safetensors(path: fixture("smollm2/rows.safetensors"))
        let prompts = try decode(SmolLM2.self, from: "smollm2/logits.json").prompts
        #expect(prompts.count == 12)
        for (index, prompt) in prompts.enumerated() {
            #expect(tokenizer.encode(prompt.text) == prompt.ids)
            let logits = try model.logits(of: [prompt.ids]).array
            let top = prompt.top.map { logits[$0.id] }
            #expect(greatestDifference(top, prompt.top.map(\.logit)) < 2e-3, "prompt \(index)")
            let sample = stride(from: 0, to: logits.count, by: 64).map { logits[$0] }
            #expect(sample.count == prompt.sample.count)
            #expect(greatestDifference(sample, prompt.sample) < 2e-3, "prompt \(index)")
            let sum = log(logits.reduce(0.0) { $0 + exp(Double($1)) })
            #expect(abs(sum - prompt.logsumexp) < 2e-3)
            if rows.names.contains("\(index)") {
                let row = try rows.values(of: "\(index)").values
                let difference = greatestDifference(logits, row)
                #expect(difference < 2e-3, "prompt \(index): \(difference)")
            }
        }
    }
}
