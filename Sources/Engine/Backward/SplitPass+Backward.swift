import Models

extension SplitPass {
    /// Replaces the ends by the gradient there.
    /// - Parameter dEnds: that of the normalised final stream at the end of each prompt,
    ///   `[prompt, d_model]`.
    package mutating func endsBackward(_ dEnds: UnsafePointer<Float>) {
        let mark = workspace.mark
        let count = layout.promptCount * dModel
        let gradient = workspace.take(count)
        transformer.finalNorm.applyBackward(
            dEnds, at: ends, to: gradient, rows: layout.promptCount, accumulate: false)
        ends.update(from: gradient, count: count)
        workspace.reset(to: mark)
    }

    /// Replaces the input of a layer's MLP by the gradient there.
    /// - Parameter dOutput: the gradient of what the MLP puts out, `[row, d_model]`.
    package mutating func mlpBackward(_ index: Int, _ dOutput: UnsafePointer<Float>) {
        let mark = workspace.mark
        let layer = transformer.layers[index]
        let tape = layers[index]
        let dNormalized = workspace.take(rowCount * dModel)
        let dRaw = layer.postMLPNorm.pullBack(
            dOutput, at: tape.mlpOutput, rows: rowCount, in: &workspace)
        layer.mlp.applyBackward(
            dRaw, input: tape.mlpHidden, gate: tape.mlpGate, to: dNormalized, rows: rowCount,
            workspace: &workspace)
        replace(tape.mlpInput, throughGradient: dNormalized, of: layer.mlpNorm)
        workspace.reset(to: mark)
    }

    /// Replaces the inputs of a layer's heads by the gradients there.
    /// - Parameter dz: the gradient of z, `[row, head * d_head]`.
    package mutating func headsBackward(_ index: Int, _ dz: UnsafePointer<Float>) {
        let mark = workspace.mark
        let layer = transformer.layers[index]
        let tape = layers[index]
        let width = configuration.dHead
        let dq = workspace.take(rowCount * heads * width)
        let dk = workspace.take(rowCount * keyHeads * width)
        let dv = workspace.take(rowCount * keyHeads * width)
        attention.backward(
            layer.head, tape, keyHeads: keyHeads, dz: dz, dq: dq, dk: dk, dv: dv,
            gradientHeads: keyHeads, workspace: &workspace)
        attention.rotate(dq, heads: heads, inverse: true)
        attention.rotate(dk, heads: keyHeads, inverse: true)

        let dNormalized = workspace.take(rowCount * dModel)
        var input = tape.attentionInput
        func project(_ weights: Affine, _ gradient: UnsafePointer<Float>, heads count: Int) {
            for head in 0..<count {
                weights.weight.outputs(columns(of: weights, head: head, of: count))
                    .applyTransposed(
                        gradient + head * width, stride: count * width, to: dNormalized,
                        stride: dModel, rows: rowCount)
                replace(input, throughGradient: dNormalized, of: layer.attentionNorm)
                input += rowCount * dModel
            }
        }
        project(layer.attention.query, dq, heads: heads)
        project(layer.attention.key, dk, heads: keyHeads)
        project(layer.attention.value, dv, heads: keyHeads)
        workspace.reset(to: mark)
    }

    /// Replaces a receiver's input by the gradient there, given that of the normalised input.
    private mutating func replace(
        _ input: UnsafeMutablePointer<Float>, throughGradient dNormalized: UnsafePointer<Float>,
        of norm: Normalizer
    ) {
        let mark = workspace.mark
        let gradient = workspace.take(rowCount * dModel)
        norm.applyBackward(
            dNormalized, at: input, to: gradient, rows: rowCount, accumulate: false)
        input.update(from: gradient, count: rowCount * dModel)
        workspace.reset(to: mark)
    }
}
