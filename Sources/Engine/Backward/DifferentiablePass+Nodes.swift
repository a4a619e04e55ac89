import CKernels
import Models

/// What patching whole nodes needs: heads with inputs of another pass, and the gradient of the stream
/// layer by layer.
extension DifferentiablePass {
    /// The z of a layer's heads, `[row, head * d_head]`, with some of their inputs from another pass
    /// over prompts of the same lengths and the attention computed anew.
    package mutating func attend(
        inLayer index: Int, with other: borrowing DifferentiablePass, queries: Bool = false,
        keys: Bool = false, values: Bool = false, to z: UnsafeMutablePointer<Float>
    ) {
        let mark = workspace.mark
        var tape = layers[index]
        let source = other.layers[index]
        if queries { tape.queries = source.queries }
        if keys { tape.keys = source.keys }
        if values { tape.values = source.values }
        let scores = (0..<layout.promptCount).reduce(0) {
            $0 + layout.length($1) * layout.length($1)
        }
        tape.patterns = workspace.take(configuration.nHeads * scores)
        attention.forward(
            transformer.layers[index].head, tape, keyHeads: configuration.nKeyValueHeads, to: z)
        workspace.reset(to: mark)
    }

    /// The gradient of the final stream, `[row, d_model]`, zero but at the ends.
    /// - Parameter dEnds: that of the normalised final stream at the end of each prompt,
    ///   `[prompt, d_model]`.
    package mutating func endsBackward(
        _ dEnds: UnsafePointer<Float>, to dStream: UnsafeMutablePointer<Float>
    ) {
        startBackward(dEnds, dStream)
    }

    /// Goes back through one layer of the last `forward`.
    /// - Parameters:
    ///   - dStream: the gradient of the stream after the layer, `[row, d_model]`, which is that of the
    ///     MLP's output too; replaced by that of the stream before it.
    ///   - heads: gets the gradient of z, `[row, head * d_head]`.
    package mutating func backward(
        throughLayer index: Int, _ dStream: UnsafeMutablePointer<Float>,
        heads: (UnsafePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let layer = transformer.layers[index]
        let tape = layers[index]
        let width = configuration.dHead
        let (qWidth, kvWidth) = (configuration.nHeads * width, configuration.nKeyValueHeads * width)
        let size = rowCount * dModel
        let dNormalized = workspace.take(size)
        let dMLP = workspace.take(size)
        let dOutput = layer.postMLPNorm.pullBack(
            dStream, at: tape.mlpOutput, rows: rowCount, in: &workspace)
        layer.mlp.applyBackward(
            dOutput, input: tape.mlpHidden, gate: tape.mlpGate, to: dNormalized, rows: rowCount,
            workspace: &workspace)
        layer.mlpNorm.applyBackward(
            dNormalized, at: tape.mlpInput, to: dMLP, rows: rowCount, accumulate: false)
        // A parallel MLP's gradient joins the stream only below the heads.
        let isParallel = configuration.parallelAttentionMLP
        if !isParallel { ckernels_add(dStream, dMLP, size) }

        let dAttention = layer.postAttentionNorm.pullBack(
            dStream, at: tape.attentionOutput, rows: rowCount, in: &workspace)
        let dz = workspace.take(rowCount * qWidth)
        layer.attention.output.weight.applyTransposed(
            dAttention, stride: dModel, to: dz, stride: qWidth, rows: rowCount)
        heads(dz)
        let dq = workspace.take(rowCount * qWidth)
        let dk = workspace.take(rowCount * kvWidth)
        let dv = workspace.take(rowCount * kvWidth)
        attention.backward(
            layer.head, tape, keyHeads: configuration.nKeyValueHeads, dz: dz, dq: dq, dk: dk,
            dv: dv, gradientHeads: configuration.nKeyValueHeads, workspace: &workspace)
        attention.rotate(dq, heads: configuration.nHeads, inverse: true)
        attention.rotate(dk, heads: configuration.nKeyValueHeads, inverse: true)
        layer.attention.query.weight.applyTransposed(
            dq, stride: qWidth, to: dNormalized, stride: dModel, rows: rowCount)
        layer.attention.key.weight.applyTransposed(
            dk, stride: kvWidth, to: dNormalized, stride: dModel, rows: rowCount, keep: 1)
        layer.attention.value.weight.applyTransposed(
            dv, stride: kvWidth, to: dNormalized, stride: dModel, rows: rowCount, keep: 1)
        layer.attentionNorm.applyBackward(
            dNormalized, at: tape.attentionInput, to: dStream, rows: rowCount, accumulate: true)
        if isParallel { ckernels_add(dStream, dMLP, size) }
        workspace.reset(to: mark)
    }
}
