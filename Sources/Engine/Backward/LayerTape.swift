import Models

/// What one layer's backward pass needs of its forward pass, for the rows of one batch.
struct LayerTape {
    /// The stream that attention reads, `[row, d_model]`; in a split pass `[receiver, row, d_model]`.
    let attentionInput: UnsafeMutablePointer<Float>
    /// The stream that the MLP reads, `[row, d_model]`; that of attention if they are parallel.
    let mlpInput: UnsafeMutablePointer<Float>
    /// Rotated queries, `[row, head * d_head]`.
    var queries: UnsafeMutablePointer<Float>
    /// Rotated keys, `[row, kv_head * d_head]`.
    var keys: UnsafeMutablePointer<Float>
    /// `[row, kv_head * d_head]`
    package var values: UnsafeMutablePointer<Float>
    /// Attention patterns, `[head, position, position]` of one prompt after the other.
    var patterns: UnsafeMutablePointer<Float>
    /// The MLP's input projection, `[row, d_mlp]`.
    let mlpHidden: UnsafeMutablePointer<Float>
    /// The MLP's gate before its nonlinearity, `[row, d_mlp]`; empty without one.
    let mlpGate: UnsafeMutablePointer<Float>
    /// What attention puts out before the norm after it, `[row, d_model]`; nil without one.
    let attentionOutput: UnsafeMutablePointer<Float>?
    /// What the MLP puts out before the norm after it, `[row, d_model]`; nil without one.
    let mlpOutput: UnsafeMutablePointer<Float>?

    /// Room for a batch whose layers read one stream.
    init(
        _ layer: TransformerLayer, _ configuration: ModelConfiguration, _ layout: RowLayout,
        in workspace: inout Workspace
    ) {
        let stream = layout.rowCount * configuration.dModel
        let attentionInput = workspace.take(stream)
        self.init(
            layer, configuration, layout, attentionInput: attentionInput,
            mlpInput: configuration.parallelAttentionMLP ? attentionInput : workspace.take(stream),
            keyHeads: configuration.nKeyValueHeads, in: &workspace)
    }

    /// Room for a batch beside inputs that lie elsewhere.
    /// - Parameter keyHeads: how many heads keys and values are kept for.
    init(
        _ layer: TransformerLayer, _ configuration: ModelConfiguration, _ layout: RowLayout,
        attentionInput: UnsafeMutablePointer<Float>, mlpInput: UnsafeMutablePointer<Float>,
        keyHeads: Int, in workspace: inout Workspace
    ) {
        let rows = layout.rowCount
        self.attentionInput = attentionInput
        self.mlpInput = mlpInput
        queries = workspace.take(rows * configuration.nHeads * configuration.dHead)
        let shared = rows * keyHeads * configuration.dHead
        keys = workspace.take(shared)
        values = workspace.take(shared)
        patterns = workspace.take(
            configuration.nHeads
                * (0..<layout.promptCount).reduce(0) {
                    $0 + layout.length($1) * layout.length($1)
                })
        mlpHidden = workspace.take(rows * configuration.dMLP)
        mlpGate = workspace.take(configuration.isGated ? rows * configuration.dMLP : 0)
        let size = rows * configuration.dModel
        attentionOutput = layer.postAttentionNorm == nil ? nil : workspace.take(size)
        mlpOutput = layer.postMLPNorm == nil ? nil : workspace.take(size)
    }
}
