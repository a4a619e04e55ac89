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
            "tiny-qwen2", "tiny-qwen2.gguf", "tiny-gpt-neox", "tiny-gpt-neox.gguf", "tiny-gemma2",
            "tiny-gemma2.gguf", "tiny-gemma", "tiny-gemma.gguf", "tiny-gemma3", "tiny-gemma3.gguf",
            "tiny-qwen3", "tiny-qwen3.gguf", "tiny-mistral", "tiny-olmo2", "tiny-olmo2.gguf",
            "tiny-phi3", "tiny-phi3.gguf", "tiny-smollm3", "tiny-smollm3.gguf",
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

    private struct RealModel: Decodable {
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
        var sample_step: Int
        var prompts: [Prompt]
    }

    /// Real models that were fetched; the others are skipped, which tools/test says.
    private static let fetched = ["smollm2", "gemma3"].filter {
        (try? ModelLocation.find($0)) != nil
    }

    @Test("The logits of real models equal those of transformers", arguments: fetched)
    func realModels(_ name: String) throws {
        let model = try Transformer(try Model.load(name))
        let reference = try decode(RealModel.self, from: "\(name)/logits.json")
        #expect(reference.prompts.count == 12)
        for (index, prompt) in reference.prompts.enumerated() {
            let logits = try model.logits(of: [prompt.ids]).array
            let top = prompt.top.map { logits[$0.id] }
            #expect(greatestDifference(top, prompt.top.map(\.logit)) < 2e-3, "prompt \(index)")
            let sample = stride(from: 0, to: logits.count, by: reference.sample_step).map {
                logits[$0]
            }
            #expect(sample.count == prompt.sample.count)
            let difference = greatestDifference(sample, prompt.sample)
            #expect(difference < 2e-3, "prompt \(index): \(difference)")
            let sum = log(logits.reduce(0.0) { $0 + exp(Double($1)) })
            #expect(abs(sum - prompt.logsumexp) < 2e-3)
        }
    }

    @Test(
        "All of SmolLM2's logits equal those of transformers, and so do its tokens",
        .enabled(if: fetched.contains("smollm2")))
    func smolLM2() throws {
        let loaded = try Model.load("smollm2")
        let model = try Transformer(loaded)
        let tokenizer = try #require(try loaded.tokenizer())
        let rows = try Safetensors(path: fixture("smollm2/rows.safetensors"))
        let reference = try decode(RealModel.self, from: "smollm2/logits.json")
        for (index, prompt) in reference.prompts.enumerated() {
            #expect(try tokenizer.encode(prompt.text) == prompt.ids)
            guard rows.names.contains("\(index)") else { continue }
            let row = try rows.values(of: "\(index)").values
            let difference = greatestDifference(
                try model.logits(of: [prompt.ids]).array, row)
            #expect(difference < 2e-3, "prompt \(index): \(difference)")
        }
    }
}
