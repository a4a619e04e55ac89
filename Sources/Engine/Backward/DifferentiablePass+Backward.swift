import CKernels
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
    package mutating func backward(
        _ dEnds: UnsafePointer<Float>, without replaced: Component? = nil,
        send: (Component, UnsafePointer<Float>) -> Void = { _, _ in },
        receive: (Receivers, UnsafePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let dStream = workspace.take(rowCount * dModel)
        startBackward(dEnds, dStream)
        receive(.logits, dStream)
        for index in layers.indices.reversed() {
            backward(
                throughLayer: index, dStream, without: replaced, send: send, receive: receive)
        }
        send(.input, dStream)
        workspace.reset(to: mark)
    }

    /// Goes back through one layer of the last `forward`.
    /// - Parameters:
    ///   - dStream: the gradient of the stream after the layer, `[row, d_model]`; replaced by that of
    ///     the stream before it.
    ///   - replaced, send: as in a whole pass.
    ///   - receive: gets the gradient at the inputs of the layer's receivers.
    package mutating func backward(
        throughLayer index: Int, _ dStream: UnsafeMutablePointer<Float>,
        without replaced: Component? = nil, send: (Component, UnsafePointer<Float>) -> Void,
        receive: (Receivers, UnsafePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let size = rowCount * dModel
        let heads = configuration.nHeads + 2 * gradientKeyHeads
        let dNormalized = workspace.take(size)
        let gradients = workspace.take((heads + 1) * size)
        let mlpGradient = gradients + heads * size
        let layer = transformer.layers[index]
        let tape = layers[index]
        let dMLP = layer.postMLPNorm.pullBack(
            dStream, at: tape.mlpOutput, rows: rowCount, in: &workspace)
        send(.mlp(layer: index), dMLP)
        if replaced == .mlp(layer: index) {
            mlpGradient.update(repeating: 0, count: size)
        } else {
            layer.mlp.applyBackward(
                dMLP, input: tape.mlpHidden, gate: tape.mlpGate, to: dNormalized,
                rows: rowCount, workspace: &workspace)
            layer.mlpNorm.applyBackward(
                dNormalized, at: tape.mlpInput, to: mlpGradient, rows: rowCount,
                accumulate: false)
        }
        // A parallel MLP's gradient joins the stream only below the heads.
        if !configuration.parallelAttentionMLP { ckernels_add(dStream, mlpGradient, size) }
        let dAttention = layer.postAttentionNorm.pullBack(
            dStream, at: tape.attentionOutput, rows: rowCount, in: &workspace)
        send(.heads(layer: index), dAttention)
        if replaced == .heads(layer: index) {
            gradients.update(repeating: 0, count: heads * size)
        } else {
            attentionGradients(of: index, dAttention, to: gradients, scratch: dNormalized)
        }
        receive(.layer(index), gradients)
        if configuration.parallelAttentionMLP { ckernels_add(dStream, mlpGradient, size) }
        if replaced != .heads(layer: index) {
            for head in 0..<heads { ckernels_add(dStream, gradients + head * size, size) }
        }
        workspace.reset(to: mark)
    }

    /// How many key (or value) inputs of a layer get a gradient.
    private var gradientKeyHeads: Int {
        separatesKeyValueHeads ? configuration.nHeads : configuration.nKeyValueHeads
    }

    /// The gradient of the final stream, zero but at the ends.
    mutating func startBackward(
        _ dEnds: UnsafePointer<Float>, _ dStream: UnsafeMutablePointer<Float>
    ) {
        let mark = workspace.mark
        let prompts = layout.promptCount
        let ends = workspace.take(prompts * dModel)
        let gradient = workspace.take(prompts * dModel)
        copyEnds(to: ends)
        transformer.finalNorm.applyBackward(
            dEnds, at: ends, to: gradient, rows: prompts, accumulate: false)
        dStream.update(repeating: 0, count: rowCount * dModel)
        for prompt in 0..<prompts {
            (dStream + (layout.starts[prompt + 1] - 1) * dModel).update(
                from: gradient + prompt * dModel, count: dModel)
        }
        workspace.reset(to: mark)
    }

    /// The gradients at a layer's query, key and value inputs, `[receiver, row, d_model]`, from that
    /// of what its heads put out.
    private mutating func attentionGradients(
        of index: Int, _ dAttention: UnsafePointer<Float>,
        to gradients: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let mark = workspace.mark
        let layer = transformer.layers[index]
        let tape = layers[index]
        let width = configuration.dHead
        let (heads, keyHeads) = (configuration.nHeads, gradientKeyHeads)
        let dq = workspace.take(rowCount * heads * width)
        let dk = workspace.take(rowCount * keyHeads * width)
        let dv = workspace.take(rowCount * keyHeads * width)
        headGradients(layer, tape, dAttention, dq: dq, dk: dk, dv: dv, keyHeads: keyHeads)
        attention.rotate(dq, heads: heads, inverse: true)
        attention.rotate(dk, heads: keyHeads, inverse: true)

        var target = gradients
        func project(_ weights: Affine, _ gradient: UnsafePointer<Float>, heads count: Int) {
            let groups = weights.weight.outputs / width
            for head in 0..<count {
                let group = head * groups / count
                weights.weight.outputs(group * width..<(group + 1) * width).applyTransposed(
                    gradient + head * width, stride: count * width, to: scratch, stride: dModel,
                    rows: rowCount)
                layer.attentionNorm.applyBackward(
                    scratch, at: tape.attentionInput, to: target, rows: rowCount,
                    accumulate: false)
                target += rowCount * dModel
            }
        }
        project(layer.attention.query, dq, heads: heads)
        project(layer.attention.key, dk, heads: keyHeads)
        project(layer.attention.value, dv, heads: keyHeads)
        workspace.reset(to: mark)
    }

    /// The gradients of rotated queries, keys and values of each head.
    private mutating func headGradients(
        _ layer: TransformerLayer, _ tape: LayerTape, _ dAttention: UnsafePointer<Float>,
        dq: UnsafeMutablePointer<Float>, dk: UnsafeMutablePointer<Float>,
        dv: UnsafeMutablePointer<Float>, keyHeads: Int
    ) {
        let mark = workspace.mark
        let qWidth = configuration.nHeads * configuration.dHead
        let dz = workspace.take(rowCount * qWidth)
        layer.attention.output.weight.applyTransposed(
            dAttention, stride: dModel, to: dz, stride: qWidth, rows: rowCount)
        attention.backward(
            layer.head, tape, keyHeads: configuration.nKeyValueHeads, dz: dz, dq: dq, dk: dk,
            dv: dv, gradientHeads: keyHeads, workspace: &workspace)
        workspace.reset(to: mark)
    }
}
