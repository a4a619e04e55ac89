import Artifacts
import Basics
import Engine
import Experiments
import Foundation
import Models
import TestSupport
import Testing

/// Every hook of every family against TransformerLens, whose activations of the tiny models are in
/// fixtures/hooks (tools/reference/make_hook_fixtures.py).
@Suite("Hooks have TransformerLens' names, shapes and values")
struct HookReferenceTests {
    static let families = [
        "tiny-gpt2", "tiny-llama", "tiny-llama-gqa", "tiny-qwen2", "tiny-gpt-neox", "tiny-gemma2",
        "tiny-gemma", "tiny-gemma3", "tiny-mistral", "tiny-olmo2", "tiny-phi3", "tiny-qwen3",
        "tiny-smollm3",
    ]
    /// The same weights in GGUF files, some of whose rows lie in another order.
    static let ggufFiles = [
        "tiny-gpt2", "tiny-llama-gqa", "tiny-qwen2", "tiny-gpt-neox", "tiny-gemma2", "tiny-gemma",
        "tiny-gemma3", "tiny-olmo2", "tiny-phi3", "tiny-qwen3", "tiny-smollm3",
    ].map { "\($0).gguf" }
    /// The prompt of the fixtures, and its beginning: what comes later doesn't change a prefix.
    private let prompts: [[Int32]] = [[3, 17, 5, 42, 8, 8, 31], [3, 17, 5, 42]]

    private func record(
        _ points: [HookPoint], with transformer: Transformer
    ) throws -> (shapes: [String: [Int]], values: [String: [Float]]) {
        let texts = prompts.map { _ in "" }
        let dataset = DatasetArtifact(
            model: .sample, task: "", seed: 0, clean: Prompts(texts: texts, ids: prompts),
            corrupted: Prompts(texts: texts, ids: prompts), answers: [], wrongAnswers: [],
            bosAdded: false)
        let recorder = try ActivationRecorder(
            points, at: PositionSelection.all.positions(in: dataset), of: dataset,
            with: transformer)
        var values: [String: [Float]] = [:]
        try recorder.run { batch in
            guard batch.run == .clean else { return }
            for (point, buffer) in batch.activations {
                values[point.name, default: []] += buffer.array
            }
        }
        return (recorder.shapes, values)
    }

    /// Whether two activations differ by no more than rounding, relative to their largest value.
    private func areClose(_ a: [Float], _ b: [Float]) -> Bool {
        let largest = b.map { $0.isFinite ? abs($0) : 0 }.max() ?? 0
        return a.count == b.count
            && zip(a, b).allSatisfy { $0 == $1 || abs($0 - $1) < 1e-5 * max(1, largest) }
    }

    @Test("All hooks of a model, recorded together", arguments: families + ggufFiles)
    func all(file: String) throws {
        let transformer = try Transformer(Model.load(Fixture.path("models/\(file)")))
        let family = file.split(separator: ".")[0]
        let reference = try Safetensors(path: Fixture.path("hooks/\(family).safetensors"))
        let points = HookPoint.all(of: transformer.configuration)
        #expect(Set(points.map(\.name)) == Set(reference.names))
        #expect(points.allSatisfy { HookPoint(name: $0.name) == $0 })
        let (shapes, values) = try record(points, with: transformer)
        for point in points {
            var (expected, expectedShape) = try reference.values(of: point.name)
            // The fixtures have the least float32 for -infinity.
            for index in expected.indices where expected[index] == -.greatestFiniteMagnitude {
                expected[index] = -.infinity
            }
            let shape = try #require(shapes[point.name])
            #expect(expectedShape == shape, "\(file) \(point.name)")
            let found = try #require(values[point.name])
            #expect(found.count == 2 * expected.count)
            #expect(
                areClose(Array(found.prefix(expected.count)), expected), "\(file) \(point.name)")
            let prefix = prefix(of: expected, shape, point)
            #expect(areClose(Array(found[expected.count...]), prefix), "\(file) \(point.name)")
        }
    }

    /// The activation of the second prompt, which is the first one's beginning: that of the first as far
    /// as it goes, and 0 past its end. Keys past its end are seen by none of its positions.
    private func prefix(of whole: [Float], _ shape: [Int], _ point: HookPoint) -> [Float] {
        let (length, longest) = (prompts[1].count, prompts[0].count)
        let width = shape[(point.isAttentionMap ? 2 : 1)...].reduce(1, *)
        return whole.indices.map { $0 / width % longest < length ? whole[$0] : 0 }
    }

    @Test("Hooks recorded alone are those recorded together", arguments: families)
    func alone(family: String) throws {
        let transformer = try Transformer(Model.load(Fixture.path("models/\(family)")))
        let points = HookPoint.all(of: transformer.configuration)
        let together = try record(points, with: transformer).values
        for point in points {
            let alone = try record([point], with: transformer).values
            let pair = (alone[point.name] ?? [], together[point.name] ?? [.nan])
            #expect(areClose(pair.0, pair.1), "\(family) \(point.name)")
        }
    }

    @Test("A model has the hooks of the norms that it has", arguments: families)
    func norms(family: String) throws {
        let transformer = try Transformer(Model.load(Fixture.path("models/\(family)")))
        let configuration = transformer.configuration
        for layer in transformer.layers {
            #expect((layer.attentionNorm.kind != .none) == configuration.hasNormsBefore)
            #expect((layer.mlpNorm.kind != .none) == configuration.hasNormsBefore)
            #expect((layer.postAttentionNorm != nil) == configuration.hasNormsAfter)
            #expect((layer.postMLPNorm != nil) == configuration.hasNormsAfter)
        }
    }

    @Test("The pass goes on with what a hook writes", arguments: families)
    func replaced(family: String) throws {
        let transformer = try Transformer(Model.load(Fixture.path("models/\(family)")))
        let plain = try transformer.logits(of: prompts).array
        for point in HookPoint.all(of: transformer.configuration) where point != .unembedOut {
            let hooks = ForwardHooks(at: [point]) { _, block in
                // Not a multiple, which a norm would undo.
                for index in 0..<block.rows.count * block.width {
                    block.values[index] = 0.5 * block.values[index] + (index % 3 == 0 ? 0.3 : 0)
                }
            }
            let changed = try transformer.logits(of: prompts, hooks: hooks).array
            #expect(
                zip(changed, plain).contains { abs($0 - $1) > 1e-4 }, "\(family) \(point.name)")
        }
    }
}
