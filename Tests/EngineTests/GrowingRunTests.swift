import Basics
import Engine
import Foundation
import Models
import TestSupport
import Testing

/// Generation with kept keys and values against running the whole prompt again.
@Suite("Growing runs")
struct GrowingRunTests {
    /// A model of every family: windows, rotations of all and of some dimensions, learned positions, shared
    /// keys, soft caps, norms of queries, keys, attention and MLPs, parallel layers.
    private static let models = [
        "tiny-gpt2", "tiny-gpt-neox", "tiny-llama", "tiny-llama-gqa", "tiny-mistral", "tiny-qwen2",
        "tiny-qwen3", "tiny-gemma", "tiny-gemma2", "tiny-gemma3", "tiny-olmo2", "tiny-phi3",
        "tiny-smollm3", "demo",
    ]

    private func transformer(_ name: String) throws -> Transformer {
        try Transformer(Model.load(Fixture.path("models/" + name)))
    }

    /// Tokens without a pattern, as many as the tiny models read.
    private func prompt(_ count: Int, for transformer: Transformer) -> [Int32] {
        (0..<count).map { Int32(($0 * $0 * 7 + 3) % transformer.configuration.dVocab) }
    }

    private func logits(_ growing: GrowingRun, _ stream: FloatBuffer) -> [Float] {
        growing.transformer.unembed(normalized: stream, rows: 1).array
    }

    private func gap(_ one: [Float], _ other: [Float]) -> Float {
        zip(one, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test("Appending tokens gives the logits of the whole prompt", arguments: models)
    func appending(name: String) throws {
        let transformer = try transformer(name)
        let tokens = prompt(12, for: transformer)
        let growing = try GrowingRun(transformer, capacity: tokens.count)
        // Several at once, then one by one: beyond the window of those models that have one.
        for end in [3, 7, 8, 9, 10, 11, 12] {
            let stream = try growing.append(Array(tokens[growing.tokens.count..<end]))
            let expected = try transformer.logits(of: [Array(tokens[..<end])]).array
            #expect(gap(logits(growing, stream), expected) < 2e-5, "\(end) tokens")
        }
        #expect(growing.tokens == tokens)
    }

    @Test(
        "Hooks see the new positions alone, and what they write counts later on", arguments: models)
    func hooks(name: String) throws {
        let transformer = try transformer(name)
        let tokens = prompt(7, for: transformer)
        let growing = try GrowingRun(transformer, capacity: tokens.count)
        let point = HookPoint.block(1, .residualPre)
        let hooks = ForwardHooks(at: [point, .block(0, .pattern)]) { point, block in
            if point == .block(0, .pattern) { return }
            for (row, position) in block.rows.enumerated() where position >= 2 {
                block.values[row * block.width] += 3
            }
        }
        let expected = try transformer.logits(of: [tokens], hooks: hooks).array
        #expect(gap(expected, try transformer.logits(of: [tokens]).array) > 1e-3)
        _ = try growing.append(Array(tokens[..<5]), hooks: hooks)
        _ = try growing.append([tokens[5]], hooks: hooks)
        let stream = try growing.append([tokens[6]], hooks: hooks)
        #expect(gap(logits(growing, stream), expected) < 2e-5)
    }

    @Test("A model that isn't causal computes all positions again")
    func tracr() throws {
        let transformer = try Transformer(Model.load(Fixture.path("tracr/reverse")))
        #expect(!transformer.configuration.isCausal)
        let growing = try GrowingRun(transformer, capacity: 4)
        for end in 1...4 {
            let stream = try growing.append([[3, 0, 1, 2][end - 1]])
            let expected = try transformer.logits(of: [Array([3, 0, 1, 2][..<end])]).array
            #expect(gap(logits(growing, stream), expected) < 2e-5)
        }
    }

    @Test("Generation takes the likeliest token each time", arguments: models)
    func generation(name: String) throws {
        let transformer = try transformer(name)
        let prompt = prompt(5, for: transformer)
        let growing = try GrowingRun(transformer, capacity: 10)
        let (first, generated) = try growing.generate(after: prompt, count: 6)
        #expect(gap(first, try transformer.logits(of: [prompt]).array) < 2e-5)
        var tokens = prompt
        for token in generated {
            let logits = try transformer.logits(of: [tokens]).array
            #expect(logits[Int(token)] > (logits.max() ?? 0) - 2e-5)
            tokens.append(token)
        }
        #expect(generated.count == 6)
    }

    @Test("More than the model reads is refused before anything is computed")
    func tooLong() throws {
        let transformer = try transformer("demo")
        #expect(throws: Failure.self) { try GrowingRun(transformer, capacity: 65) }
        let growing = try GrowingRun(transformer, capacity: 2)
        #expect(throws: Failure.self) { try growing.append([5000]) }
    }
}
