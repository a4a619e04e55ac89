import Engine
import Models
import TestSupport
import Testing

/// The two passes that go back, against each other: a pass whose receivers have inputs of their own
/// is the model's where all of these are the stream.
@Suite("Backward passes")
struct BackwardTests {
    private let prompts: [[Int32]] = [[1, 2, 3, 4, 5], [7, 8, 9]]

    private func largestDifference(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int
    ) -> Float {
        (0..<count).map { abs(a[$0] - b[$0]) }.max() ?? 0
    }

    @Test(
        "With the stream as every receiver's input, outputs and gradients are the model's",
        arguments: [
            "tiny-gpt2", "tiny-llama-gqa", "tiny-gpt-neox", "tiny-gemma2", "tiny-gemma3",
            "tiny-olmo2",
        ], [true, false])
    func splitPass(family: String, separatesKeyValueHeads: Bool) throws {
        let transformer = try Transformer(try Model.load(Fixture.path("models/\(family)")))
        let configuration = transformer.configuration
        let lengths = prompts.map(\.count)
        let rows = lengths.reduce(0, +)
        let size = rows * configuration.dModel
        let whole = DifferentiablePass(
            transformer, lengths: lengths, separatesKeyValueHeads: separatesKeyValueHeads,
            workspace: Workspace())
        let split = SplitPass(
            transformer, lengths: lengths, separatesKeyValueHeads: separatesKeyValueHeads,
            workspace: Workspace())
        let keys =
            separatesKeyValueHeads ? configuration.nHeads : configuration.nKeyValueHeads
        let heads = configuration.nHeads + 2 * keys

        // Forwards.
        let stream = transformer.embeddings(of: prompts)
        whole.embedding.update(from: stream.values, count: size)
        var outputs: [DifferentiablePass.Component: [Float]] = [:]
        whole.forward(
            send: { component, values in
                let count = rows * component.width(in: configuration)
                outputs[component] = Array(UnsafeBufferPointer(start: values, count: count))
            })
        let zWidth = configuration.nHeads * configuration.dHead
        let z = FloatBuffer(count: rows * zWidth)
        let update = FloatBuffer(count: size)
        for (index, layer) in transformer.layers.enumerated() {
            let inputs = split.inputs(of: index)
            for receiver in 0...heads {
                (inputs + receiver * size).update(from: stream.values, count: size)
            }
            split.heads(of: index, to: z.values)
            let expected = try #require(outputs[.heads(layer: index)])
            #expect(largestDifference(z.values, expected, z.count) < 1e-4)
            layer.attention.output.apply(
                z.values, stride: zWidth, to: update.values, stride: configuration.dModel,
                rows: rows)
            layer.postAttentionNorm?.apply(update.values, to: update.values, rows: rows)
            stream.values.add(update.values, count: size)
            if !configuration.parallelAttentionMLP {
                (inputs + heads * size).update(from: stream.values, count: size)
            }
            split.mlp(of: index, to: update.values)
            let expectedUpdate = try #require(outputs[.mlp(layer: index)])
            #expect(largestDifference(update.values, expectedUpdate, size) < 1e-4)
            stream.values.add(update.values, count: size)
        }
        let layout = RowLayout(lengths: lengths)
        for prompt in prompts.indices {
            (split.ends + prompt * configuration.dModel).update(
                from: stream.values + (layout.starts[prompt + 1] - 1) * configuration.dModel,
                count: configuration.dModel)
        }
        let ends = FloatBuffer(count: prompts.count * configuration.dModel)
        let splitEnds = FloatBuffer(count: ends.count)
        whole.normalizedEnds(to: ends.values)
        split.normalizedEnds(to: splitEnds.values)
        #expect(largestDifference(ends.values, splitEnds.values, ends.count) < 1e-4)

        // Backwards, where a norm after a component is no receiver's.
        guard !transformer.normalizesAttention else { return }
        var random = RandomValues(seed: 8)
        let dEnds = random.buffer(ends.count)
        let dStream = FloatBuffer(count: size)
        whole.startBackward(dEnds.values, to: dStream.values)
        split.startBackward(dEnds.values)
        let dWhole = FloatBuffer(dStream.array)
        for prompt in prompts.indices {
            let row = (layout.starts[prompt + 1] - 1) * configuration.dModel
            let difference = largestDifference(
                split.ends + prompt * configuration.dModel, dStream.values + row,
                configuration.dModel)
            #expect(difference < 1e-4)
        }
        for (index, layer) in transformer.layers.enumerated().reversed() {
            let gradients = split.inputs(of: index)
            split.mlpBackward(index, dStream.values)
            if !configuration.parallelAttentionMLP {
                dStream.values.add(gradients + heads * size, count: size)
            }
            layer.attention.output.weight.applyTransposed(
                dStream.values, stride: configuration.dModel, to: z.values, stride: zWidth,
                rows: rows)
            split.headsBackward(index, z.values)
            whole.backward(throughLayer: index, dWhole.values, send: { _, _ in }) { _, expected in
                #expect(largestDifference(gradients, expected, (heads + 1) * size) < 1e-4)
            }
            for receiver in 0..<heads {
                dStream.values.add(gradients + receiver * size, count: size)
            }
            if configuration.parallelAttentionMLP {
                dStream.values.add(gradients + heads * size, count: size)
            }
            #expect(largestDifference(dStream.values, dWhole.values, size) < 1e-4)
        }
    }

    @Test(
        "All heads together give the gradient of the stream that single receivers add up to",
        arguments: [
            "tiny-gpt2", "tiny-llama-gqa", "tiny-gpt-neox", "tiny-gemma2", "tiny-gemma3",
            "tiny-olmo2",
        ])
    func nodes(family: String) throws {
        let transformer = try Transformer(try Model.load(Fixture.path("models/\(family)")))
        let pass = DifferentiablePass(
            transformer, lengths: prompts.map(\.count), workspace: Workspace())
        let stream = transformer.embeddings(of: prompts)
        pass.embedding.update(from: stream.values, count: stream.count)
        pass.forward()
        var random = RandomValues(seed: 9)
        let dEnds = random.buffer(prompts.count * transformer.configuration.dModel)
        let receivers = FloatBuffer(count: stream.count)
        pass.startBackward(dEnds.values, to: receivers.values)
        let nodes = FloatBuffer(receivers.array)
        for layer in transformer.layers.indices.reversed() {
            pass.backward(throughLayer: layer, receivers.values, send: { _, _ in }) { _, _ in }
            pass.nodeBackward(throughLayer: layer, nodes.values) { _ in }
            #expect(largestDifference(receivers.values, nodes.values, stream.count) < 1e-4)
        }
        #expect(nodes.array.contains { abs($0) > 1e-2 })
    }
}
