import Basics
import Engine
import Foundation
import Models
import TestSupport
import Testing

/// The activations that hooks read and write, the number of threads, and refused prompts.
@Suite("The forward pass")
struct ForwardTests {
    private struct Reference: Decodable { var prompts: [[Int32]] }

    static let families = [
        "tiny-gpt2", "tiny-llama", "tiny-llama-gqa", "tiny-qwen2", "tiny-gpt-neox", "tiny-gemma2",
        "tiny-gemma", "tiny-gemma3", "tiny-qwen3", "tiny-mistral", "tiny-olmo2", "tiny-phi3",
        "tiny-smollm3",
    ]

    @Test("Activations at hooks equal those of transformers", arguments: families)
    func activations(family: String) throws {
        let model = try Model.load(Fixture.path("models/\(family)"))
        let transformer = try Transformer(model)
        let prompts = try JSONDecoder().decode(
            Reference.self, from: Fixture.data("models/\(family)/reference.json")
        ).prompts
        let reference = try Safetensors(
            path: Fixture.path("models/\(family)/reference.safetensors"))
        let points: [HookPoint.BlockPoint] = [
            .residualPre, .residualPost, .attentionOut, .mlpOut, .z,
        ]
        let wanted = Set(
            (0..<model.configuration.nLayers).flatMap { layer in
                points.map { HookPoint.block(layer, $0) }
            })
        let recorded = try transformer.record(wanted, of: prompts).activations
        for point in wanted {
            let buffer = try #require(recorded[point])
            let width = point.width(in: model.configuration, longest: recorded.layout.longest)
            for index in prompts.indices {
                let expected = try reference.values(of: "\(index).\(point.name)").values
                let start = recorded.layout.starts[index] * width
                #expect(
                    largestDifference(buffer.values + start, expected) < 1e-4,
                    "\(point.name) of prompt \(index)")
            }
        }
    }

    @Test("The pass continues with the values that a hook writes")
    func replacedActivation() throws {
        let model = try Model.load(Fixture.path("models/tiny-gpt2"))
        let transformer = try Transformer(model)
        let prompts: [[Int32]] = [[1, 2, 3, 4], [5, 6, 7]]
        let others: [[Int32]] = [[9, 8, 3, 4], [5, 2, 7]]
        let layer = 1
        let stream = try transformer.record([.block(layer, .residualPost)], of: others)
            .activations
        let replacement = try #require(stream[.block(layer, .residualPost)])
        let hooks = ForwardHooks(at: [.block(layer, .residualPost)]) { _, block in
            block.values.update(
                from: replacement.values + block.rows.lowerBound * block.width,
                count: block.rows.count * block.width)
        }
        // The whole stream replaced: the rest of the pass is that of the other prompts.
        let patched = try transformer.logits(of: prompts, rows: .all, hooks: hooks)
        let expected = try transformer.logits(of: others, rows: .all)
        #expect(patched.array == expected.array)
    }

    @Test("Recording at all hooks leaves the logits unchanged, and attention patterns sum to 1")
    func allHooks() throws {
        let model = try Model.load(Fixture.path("models/tiny-llama-gqa"))
        let transformer = try Transformer(model)
        let prompts: [[Int32]] = [[3, 1, 4, 1, 5], [2, 7]]
        let plain = try transformer.logits(of: prompts, rows: .all)
        let points = Set(HookPoint.all(of: model.configuration))
        let (recorded, logits) = try transformer.record(points, of: prompts, logits: .all)
        #expect(largestDifference(logits.values, plain.array) < 1e-4)
        let pattern = try #require(recorded[.block(0, .pattern)])
        let longest = recorded.layout.longest
        let heads = model.configuration.nHeads
        for row in 0..<recorded.layout.rowCount {
            for head in 0..<heads {
                let start = (row * heads + head) * longest
                let sum = (0..<longest).reduce(Float(0)) { $0 + pattern.values[start + $1] }
                #expect(abs(sum - 1) < 1e-5)
            }
        }
    }

    @Test("Results don't depend on the number of threads")
    func threads() throws {
        let model = try Model.load(Fixture.path("models/tiny-gpt2"))
        let prompts: [[Int32]] = (0..<40).map { (seed: Int) -> [Int32] in
            let length = 3 + seed % 9
            return (0..<length).map { (position: Int) -> Int32 in
                Int32((seed * 7 + position * 5) % 60)
            }
        }
        let one = try Transformer(model, pool: WorkerPool(threads: 1)).logits(of: prompts)
        let four = try Transformer(model, pool: WorkerPool(threads: 4)).logits(of: prompts)
        #expect(one.array == four.array)
    }

    @Test("Prompts that the model can't read are refused")
    func badPrompts() throws {
        let model = try Model.load(Fixture.path("models/tiny-gpt2"))
        let transformer = try Transformer(model)
        for prompt: [Int32] in [[], [60], [-1], Array(repeating: 1, count: 33)] {
            #expect(throws: Failure.self) { try transformer.logits(of: [prompt]) }
        }
    }
}

extension ForwardTests {
    @Test(
        "Prompts for which LongRoPE takes other frequencies are refused, although the context is longer"
    )
    func longPrompts() throws {
        let transformer = try Transformer(try Model.load(Fixture.path("models/tiny-phi3")))
        #expect(transformer.configuration.nContext == 32)
        _ = try transformer.logits(of: [Array(repeating: 1, count: 16)])
        let error = #expect(throws: Failure.self) {
            try transformer.logits(of: [Array(repeating: 1, count: 17)])
        }
        #expect(error?.description.contains("LongRoPE") == true)
    }
}

/// The largest absolute difference from what is expected; infinite for a NaN.
func largestDifference(_ values: UnsafePointer<Float>, _ expected: [Float]) -> Float {
    expected.indices.reduce(0) { largest, index in
        let difference = abs(values[index] - expected[index])
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}
