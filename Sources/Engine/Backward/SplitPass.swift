/// A forward pass in which every receiver has an input of its own, as a circuit's receivers have,
/// and the way back. The code that calls its steps writes the inputs of a layer's receivers, takes the
/// outputs of its heads and its MLP, and decides what they change in the inputs of later receivers.
///
/// Forwards, for each layer: write the inputs of heads, `heads`, write the input of the MLP, `mlp`;
/// then write the ends and ask for `normalizedEnds`. Backwards, from the gradient of the loss:
/// `startBackward`, then for each layer from the last `mlpBackward` and `headsBackward`. A backward
/// step replaces the receivers' inputs by the gradients there.
///
/// It runs on one thread, and its memory is the workspace's: passes of the same shape allocate
/// nothing. It is of no use once the workspace is reset to where it was before.
package final class SplitPass {
    let batch: PassBatch
    let layers: [LayerPass]
    /// The input of the final normalisation at the end of each prompt, `[prompt, d_model]`; later
    /// the gradient.
    package let ends: UnsafeMutablePointer<Float>

    /// Prepares a pass over prompts of these lengths.
    /// - Parameters:
    ///   - separatesKeyValueHeads: whether each query head has its own key and value inputs even
    ///     though the model shares them.
    ///   - workspace: the pass's memory, and scratch for its steps.
    package init(
        _ transformer: Transformer, lengths: [Int], separatesKeyValueHeads: Bool = false,
        workspace: Workspace
    ) {
        let batch = PassBatch(
            transformer, lengths: lengths, separatesKeyValueHeads: separatesKeyValueHeads,
            workspace)
        let size = batch.streamSize
        let heads = batch.headReceiverCount
        let inputs = workspace.take(transformer.layers.count * (heads + 1) * size)
        self.batch = batch
        ends = workspace.take(batch.layout.promptCount * batch.dModel)
        layers = transformer.layers.enumerated().map { index, layer in
            let first = inputs + index * (heads + 1) * size
            return LayerPass(
                layer, batch, attentionInput: first, mlpInput: first + heads * size,
                keyCount: batch.keyReceiverCount)
        }
    }

    /// How the prompts lie in the rows.
    package var layout: RowLayout { batch.layout }
    /// Scratch memory, also for the code that calls the pass's steps.
    package var workspace: Workspace { batch.workspace }

    /// The inputs of a layer's receivers, `[receiver, row, d_model]`: the queries of all heads, then
    /// keys, then values, then the MLP; those of the next layer follow them. After the backward
    /// steps, the gradients there.
    package func inputs(of layer: Int) -> UnsafeMutablePointer<Float> {
        layers[layer].attentionInput
    }

    // MARK: - Forwards

    /// Computes z of a layer's heads, `[row, head * d_head]`, from their inputs.
    package func heads(of index: Int, to z: UnsafeMutablePointer<Float>) {
        let mark = workspace.mark
        let pass = layers[index]
        let normalized = workspace.take(batch.streamSize)
        pass.forEachHeadReceiver(in: pass.vectors) { receiver in
            pass.layer.attentionNorm.apply(
                pass.attentionInput + receiver.number * batch.streamSize, to: normalized,
                rows: batch.rowCount)
            receiver.projection.apply(
                normalized, to: receiver.vectors, stride: receiver.stride, rows: batch.rowCount,
                workspace: workspace)
        }
        batch.attention.rotate(pass.vectors, of: pass.layer.attention)
        pass.attend(to: z)
        workspace.reset(to: mark)
    }

    /// Computes the output of a layer's MLP, `[row, d_model]`, from its input.
    /// - Parameter hidden: may change the hidden layer, `[row, d_mlp]`; there is no way back then.
    package func mlp(
        of index: Int, to output: UnsafeMutablePointer<Float>,
        hidden: ((UnsafeMutablePointer<Float>) -> Void)? = nil
    ) {
        layers[index].applyMLP(to: output, hidden: hidden)
    }

    /// Writes the normalised final stream at the end of each prompt, `[prompt, d_model]`.
    package func normalizedEnds(to normalized: UnsafeMutablePointer<Float>) {
        batch.transformer.finalNorm.apply(ends, to: normalized, rows: layout.promptCount)
    }

    // MARK: - Backwards

    /// Replaces the ends by the gradient there.
    /// - Parameter dEnds: that of the normalised final stream at the end of each prompt,
    ///   `[prompt, d_model]`.
    package func startBackward(_ dEnds: UnsafePointer<Float>) {
        replace(
            ends, throughGradient: dEnds, of: batch.transformer.finalNorm,
            rows: layout.promptCount)
    }

    /// Replaces the input of a layer's MLP by the gradient there.
    /// - Parameter dOutput: the gradient of the MLP's output, `[row, d_model]`.
    package func mlpBackward(_ index: Int, _ dOutput: UnsafePointer<Float>) {
        let mark = workspace.mark
        let pass = layers[index]
        let gradient = workspace.take(batch.streamSize)
        pass.applyMLPBackward(pass.mlpGradient(dOutput), to: gradient)
        pass.mlpInput.update(from: gradient, count: batch.streamSize)
        workspace.reset(to: mark)
    }

    /// Replaces the inputs of a layer's heads by the gradients there.
    /// - Parameter dz: the gradient of z, `[row, head * d_head]`.
    package func headsBackward(_ index: Int, _ dz: UnsafePointer<Float>) {
        let mark = workspace.mark
        let pass = layers[index]
        let gradients = pass.attentionBackward(dz, keyCount: batch.keyReceiverCount)
        pass.forEachHeadReceiver(
            gradients: gradients, at: .own(pass.attentionInput)
        ) { number, dNormalized in
            replace(
                pass.attentionInput + number * batch.streamSize, throughGradient: dNormalized,
                of: pass.layer.attentionNorm, rows: batch.rowCount)
        }
        workspace.reset(to: mark)
    }

    /// Replaces an input, `[rows, d_model]`, by the gradient there, given that of the normalised
    /// input.
    private func replace(
        _ input: UnsafeMutablePointer<Float>, throughGradient dNormalized: UnsafePointer<Float>,
        of norm: Normalizer, rows: Int
    ) {
        let mark = workspace.mark
        let gradient = workspace.take(rows * batch.dModel)
        norm.applyBackward(dNormalized, at: input, to: gradient, rows: rows, accumulate: false)
        input.update(from: gradient, count: rows * batch.dModel)
        workspace.reset(to: mark)
    }
}
