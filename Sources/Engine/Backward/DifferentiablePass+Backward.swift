import Models

extension DifferentiablePass {
    /// Receivers whose gradients are handed out together.
    package enum Receivers: Hashable, Sendable {
        /// The input of the final normalisation: `[row, d_model]`, zero but at the end of a prompt.
        case logits
        /// A layer's receivers, each as if it had a normalisation of its own: the queries of all
        /// heads, then keys, then values, then the MLP, `[receiver, row, d_model]`.
        case layer(Int)
    }

    /// Goes back through the last `forward`, from the logits to the first layer.
    /// - Parameters:
    ///   - dEnds: the gradient of the normalised final stream at the end of each prompt,
    ///     `[prompt, d_model]`.
    ///   - replaced: a component through which no gradient goes back, because it was given.
    ///   - send: gets the gradient of what a component adds to the stream, `[row, d_model]`: the
    ///     sum of those at all receivers behind it. Where the model normalises that before it is
    ///     added, the gradient before the norm: of an MLP that was given, by the slope in the last
    ///     pass that ran it.
    ///   - receive: gets the gradient at the input of the receivers, before its normalisation;
    ///     the values are overwritten after the call.
    package func backward(
        _ dEnds: UnsafePointer<Float>, without replaced: Component? = nil,
        send: (Component, UnsafePointer<Float>) -> Void = { _, _ in },
        receive: (Receivers, UnsafePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let dStream = workspace.take(batch.streamSize)
        startBackward(dEnds, to: dStream)
        receive(.logits, dStream)
        for index in layers.indices.reversed() {
            backward(
                throughLayer: index, dStream, without: replaced, send: send, receive: receive)
        }
        send(.input, dStream)
        workspace.reset(to: mark)
    }

    /// Computes the gradient of the final stream, `[row, d_model]`, zero but at the ends.
    /// - Parameter dEnds: that of the normalised final stream at the end of each prompt,
    ///   `[prompt, d_model]`.
    package func startBackward(
        _ dEnds: UnsafePointer<Float>, to dStream: UnsafeMutablePointer<Float>
    ) {
        let mark = workspace.mark
        let (prompts, dModel) = (layout.promptCount, batch.dModel)
        let ends = workspace.take(prompts * dModel)
        let gradient = workspace.take(prompts * dModel)
        copyEnds(to: ends)
        batch.transformer.finalNorm.applyBackward(
            dEnds, at: ends, to: gradient, rows: prompts, accumulate: false)
        dStream.update(repeating: 0, count: batch.streamSize)
        for prompt in 0..<prompts {
            (dStream + (layout.starts[prompt + 1] - 1) * dModel).update(
                from: gradient + prompt * dModel, count: dModel)
        }
        workspace.reset(to: mark)
    }

    /// Goes back through one layer of the last `forward`, receiver by receiver.
    /// - Parameters:
    ///   - dStream: the gradient of the stream after the layer, `[row, d_model]`; replaced by that of
    ///     the stream before it.
    ///   - replaced, send: as in a whole pass.
    ///   - receive: gets the gradient at the inputs of the layer's receivers.
    package func backward(
        throughLayer index: Int, _ dStream: UnsafeMutablePointer<Float>,
        without replaced: Component? = nil, send: (Component, UnsafePointer<Float>) -> Void,
        receive: (Receivers, UnsafePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let size = batch.streamSize
        let heads = batch.headReceiverCount
        let isParallel = batch.configuration.parallelAttentionMLP
        let gradients = workspace.take((heads + 1) * size)
        let mlpGradient = gradients + heads * size
        let pass = layers[index]

        let dMLP = pass.mlpGradient(dStream)
        send(.mlp(layer: index), dMLP)
        if replaced == .mlp(layer: index) {
            mlpGradient.update(repeating: 0, count: size)
        } else {
            pass.applyMLPBackward(dMLP, to: mlpGradient)
        }
        // A parallel MLP's gradient joins the stream only below the heads.
        if !isParallel { dStream.add(mlpGradient, count: size) }

        let dAttention = pass.attentionGradient(dStream)
        send(.heads(layer: index), dAttention)
        if replaced == .heads(layer: index) {
            gradients.update(repeating: 0, count: heads * size)
        } else {
            let dz = workspace.take(batch.rowCount * batch.headsWidth)
            pass.applyOutputBackward(dAttention, to: dz)
            let dVectors = pass.attentionBackward(dz, keyCount: batch.keyReceiverCount)
            pass.forEachHeadReceiver(
                gradients: dVectors, at: .shared(pass.attentionInput)
            ) { number, dNormalized in
                pass.layer.attentionNorm.applyBackward(
                    dNormalized, at: pass.attentionInput, to: gradients + number * size,
                    rows: batch.rowCount, accumulate: false)
            }
        }
        receive(.layer(index), gradients)
        if isParallel { dStream.add(mlpGradient, count: size) }
        if replaced != .heads(layer: index) {
            for head in 0..<heads { dStream.add(gradients + head * size, count: size) }
        }
        workspace.reset(to: mark)
    }
}
