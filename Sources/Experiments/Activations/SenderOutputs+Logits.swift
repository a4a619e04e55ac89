package import Engine
import Models

extension SenderOutputs {
    /// The logits at the end of each prompt, `[prompt, d_vocab]`: the senders' outputs and the biases
    /// of attention summed up as the model does it, normalised and unembedded.
    package func logits(with transformer: Transformer) -> FloatBuffer {
        let configuration = transformer.configuration
        let dModel = configuration.dModel
        let width = configuration.nHeads * configuration.dHead
        let count = layout.promptCount
        let stream = ends(of: input, width: dModel)
        let update = FloatBuffer(count: count * dModel)
        for (index, layer) in transformer.layers.enumerated() {
            let (heads, out) = (
                ends(of: z[index], width: width), ends(of: mlp[index], width: dModel)
            )
            layer.attention.output.apply(
                heads.values, stride: width, to: update.values, stride: dModel, rows: count)
            layer.postAttentionNorm?.apply(update.values, to: update.values, rows: count)
            stream.values.add(update.values, count: count * dModel)
            stream.values.add(out.values, count: count * dModel)
        }
        transformer.finalNorm.apply(stream.values, to: stream.values, rows: count)
        return transformer.unembed(normalized: stream, rows: count)
    }

    /// The last row of each prompt, copied.
    private func ends(of values: FloatBuffer, width: Int) -> FloatBuffer {
        let result = FloatBuffer(count: layout.promptCount * width)
        for prompt in 0..<layout.promptCount {
            (result.values + prompt * width).update(
                from: values.values + (layout.starts[prompt + 1] - 1) * width, count: width)
        }
        return result
    }
}
