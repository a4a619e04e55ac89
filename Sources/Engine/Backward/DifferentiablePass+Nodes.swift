import Models

/// What patching whole nodes needs: heads with inputs of another pass, and the gradient of the stream
/// layer by layer.
extension DifferentiablePass {
    /// Computes z of a layer's heads, `[row, head * d_head]`, with some of their inputs from another
    /// pass over prompts of the same lengths and the attention computed anew.
    package func attend(
        inLayer index: Int, with other: DifferentiablePass, queries: Bool = false,
        keys: Bool = false, values: Bool = false, to z: UnsafeMutablePointer<Float>
    ) {
        let mark = workspace.mark
        var vectors = layers[index].vectors
        let source = other.layers[index].vectors
        if queries { vectors.queries = source.queries }
        if keys { vectors.keys = source.keys }
        if values { vectors.values = source.values }
        let pattern = workspace.take(layout.longest * layout.longest)
        batch.attention.forward(
            layers[index].layer.attention, vectors, patterns: pattern, keepingPatterns: false,
            to: z)
        workspace.reset(to: mark)
    }

    /// Goes back through one layer of the last `forward`, without gradients at single receivers: all
    /// heads together are cheaper.
    /// - Parameters:
    ///   - dStream: the gradient of the stream after the layer, `[row, d_model]`, which is that of the
    ///     MLP's output too; replaced by that of the stream before it.
    ///   - heads: gets the gradient of z, `[row, head * d_head]`.
    package func nodeBackward(
        throughLayer index: Int, _ dStream: UnsafeMutablePointer<Float>,
        heads: (UnsafePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let (size, rows, dModel) = (batch.streamSize, batch.rowCount, batch.dModel)
        let isParallel = batch.configuration.parallelAttentionMLP
        let pass = layers[index]

        let mlpGradient = workspace.take(size)
        pass.applyMLPBackward(pass.mlpGradient(dStream), to: mlpGradient)
        // A parallel MLP's gradient joins the stream only below the heads.
        if !isParallel { dStream.add(mlpGradient, count: size) }

        let dz = workspace.take(rows * batch.headsWidth)
        pass.applyOutputBackward(pass.attentionGradient(dStream), to: dz)
        heads(dz)
        let keyCount = batch.configuration.nKeyValueHeads
        let dVectors = pass.attentionBackward(dz, keyCount: keyCount)
        let attention = pass.layer.attention
        let kvWidth = keyCount * attention.dHead
        let dNormalized = workspace.take(size)
        if let queryNorm = attention.queryNorm, let keyNorm = attention.keyNorm {
            // Not needed yet: it holds the normalised input until the norms are passed.
            pass.layer.attentionNorm.apply(pass.attentionInput, to: dNormalized, rows: rows)
            queryNorm.applyBackward(
                dVectors.queries, through: attention.query, at: dNormalized, rows: rows,
                workspace: workspace)
            keyNorm.applyBackward(
                dVectors.keys, through: attention.key, at: dNormalized, rows: rows,
                workspace: workspace)
        }
        attention.query.weight.applyTransposed(
            dVectors.queries, stride: batch.headsWidth, to: dNormalized, stride: dModel,
            rows: rows)
        attention.key.weight.applyTransposed(
            dVectors.keys, stride: kvWidth, to: dNormalized, stride: dModel, rows: rows, keep: 1)
        attention.value.weight.applyTransposed(
            dVectors.values, stride: kvWidth, to: dNormalized, stride: dModel, rows: rows, keep: 1)
        pass.layer.attentionNorm.applyBackward(
            dNormalized, at: pass.attentionInput, to: dStream, rows: rows, accumulate: true)
        if isParallel { dStream.add(mlpGradient, count: size) }
        workspace.reset(to: mark)
    }
}
