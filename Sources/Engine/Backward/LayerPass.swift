import Models

/// One layer in a pass that goes back: what its forward steps leave for the backward steps, and these
/// steps.
struct LayerPass {
    let batch: PassBatch
    let layer: TransformerLayer
    /// The stream that attention reads, `[row, d_model]`; where receivers have inputs of their own,
    /// `[receiver, row, d_model]`.
    let attentionInput: UnsafeMutablePointer<Float>
    /// The stream that the MLP reads, `[row, d_model]`; that of attention if they are parallel.
    let mlpInput: UnsafeMutablePointer<Float>
    /// Queries and keys, both normalised where the model does that and rotated; values.
    let vectors: HeadVectors
    /// Attention patterns, `[head, position, position]` of one prompt after the other.
    private let patterns: UnsafeMutablePointer<Float>
    /// The MLP's input projection, `[row, d_mlp]`.
    private let mlpHidden: UnsafeMutablePointer<Float>
    /// The MLP's gate before its nonlinearity, `[row, d_mlp]`; nil without one.
    private let mlpGate: UnsafeMutablePointer<Float>?
    /// The output of attention before the norm after it, `[row, d_model]`; nil without one.
    let attentionOutput: UnsafeMutablePointer<Float>?
    /// The output of the MLP before the norm after it, `[row, d_model]`; nil without one.
    private let mlpOutput: UnsafeMutablePointer<Float>?

    /// Room for a layer whose heads and MLP read one stream.
    init(_ layer: TransformerLayer, _ batch: PassBatch) {
        let input = batch.workspace.take(batch.streamSize)
        self.init(
            layer, batch, attentionInput: input,
            mlpInput: batch.configuration.parallelAttentionMLP
                ? input : batch.workspace.take(batch.streamSize),
            keyCount: batch.configuration.nKeyValueHeads)
    }

    /// Room for a layer beside inputs that lie elsewhere.
    /// - Parameter keyCount: how many keys and values a row has.
    init(
        _ layer: TransformerLayer, _ batch: PassBatch,
        attentionInput: UnsafeMutablePointer<Float>, mlpInput: UnsafeMutablePointer<Float>,
        keyCount: Int
    ) {
        let (workspace, rows) = (batch.workspace, batch.rowCount)
        self.batch = batch
        self.layer = layer
        self.attentionInput = attentionInput
        self.mlpInput = mlpInput
        vectors = HeadVectors(
            rows: rows, of: layer.attention, keyCount: keyCount, in: workspace)
        patterns = workspace.take(batch.attention.patternCount(of: layer.attention))
        let hiddenWidth = layer.mlp.hiddenWidth
        mlpHidden = workspace.take(rows * hiddenWidth)
        mlpGate = layer.mlp.weights.gate == nil ? nil : workspace.take(rows * hiddenWidth)
        attentionOutput =
            layer.postAttentionNorm == nil ? nil : workspace.take(batch.streamSize)
        mlpOutput = layer.postMLPNorm == nil ? nil : workspace.take(batch.streamSize)
    }

    // MARK: - Forwards

    /// Computes queries, keys and values of all heads from the normalised stream, `[row, d_model]`.
    func project(_ normalized: UnsafePointer<Float>) {
        batch.attention.project(normalized, through: layer.attention, to: vectors)
        batch.attention.prepare(vectors, of: layer.attention)
    }

    /// Computes z of all heads, `[row, head * d_head]`, from their queries, keys and values.
    func attend(to z: UnsafeMutablePointer<Float>) {
        batch.attention.forward(
            layer.attention, vectors, patterns: patterns, keepingPatterns: true, to: z)
    }

    /// Computes what attention adds to the stream, `[row, d_model]`, from z of all heads.
    func applyOutput(_ z: UnsafePointer<Float>, to update: UnsafeMutablePointer<Float>) {
        layer.attention.output.apply(
            z, stride: batch.headsWidth, to: attentionOutput ?? update, stride: batch.dModel,
            rows: batch.rowCount)
        layer.postAttentionNorm.applyAfter(attentionOutput, to: update, rows: batch.rowCount)
    }

    /// Computes what the MLP adds to the stream, `[row, d_model]`, from its input.
    /// - Parameter hidden: may change the hidden layer, `[row, d_mlp]`; there is no way back then.
    func applyMLP(
        to update: UnsafeMutablePointer<Float>,
        hidden: ((UnsafeMutablePointer<Float>) -> Void)? = nil
    ) {
        let (workspace, rows) = (batch.workspace, batch.rowCount)
        let mark = workspace.mark
        let normalized = workspace.take(batch.streamSize)
        let post = workspace.take(rows * layer.mlp.hiddenWidth)
        layer.mlpNorm.apply(mlpInput, to: normalized, rows: rows)
        layer.mlp.apply(
            normalized, input: mlpHidden, gate: mlpGate, hiddenLayer: post,
            to: mlpOutput ?? update, rows: rows, hidden: hidden)
        layer.postMLPNorm.applyAfter(mlpOutput, to: update, rows: rows)
        workspace.reset(to: mark)
    }

    // MARK: - Backwards

    /// The gradient of the MLP's output before the norm after it, from that of what it adds to the
    /// stream, `[row, d_model]`: in the workspace or, without such a norm, the same.
    func mlpGradient(_ dUpdate: UnsafePointer<Float>) -> UnsafePointer<Float> {
        layer.postMLPNorm.gradientBefore(
            dUpdate, at: mlpOutput, rows: batch.rowCount, in: batch.workspace)
    }

    /// The same of attention's output.
    func attentionGradient(_ dUpdate: UnsafePointer<Float>) -> UnsafePointer<Float> {
        layer.postAttentionNorm.gradientBefore(
            dUpdate, at: attentionOutput, rows: batch.rowCount, in: batch.workspace)
    }

    /// Computes the gradient at the MLP's input from that of its output before the norm after it, both
    /// `[row, d_model]`.
    func applyMLPBackward(
        _ dOutput: UnsafePointer<Float>, to dInput: UnsafeMutablePointer<Float>
    ) {
        let mark = batch.workspace.mark
        let dNormalized = batch.workspace.take(batch.streamSize)
        layer.mlp.applyBackward(
            dOutput, input: mlpHidden, gate: mlpGate, to: dNormalized, rows: batch.rowCount,
            workspace: batch.workspace)
        layer.mlpNorm.applyBackward(
            dNormalized, at: mlpInput, to: dInput, rows: batch.rowCount, accumulate: false)
        batch.workspace.reset(to: mark)
    }

    /// Computes the gradient of z, `[row, head * d_head]`, from that of attention's output before the
    /// norm after it.
    func applyOutputBackward(
        _ dOutput: UnsafePointer<Float>, to dz: UnsafeMutablePointer<Float>
    ) {
        layer.attention.output.weight.applyTransposed(
            dOutput, stride: batch.dModel, to: dz, stride: batch.headsWidth, rows: batch.rowCount)
    }

    /// The gradients of queries, keys (both before rotation, behind their norms) and values from that
    /// of z: in the workspace.
    /// - Parameter keyCount: how many keys and values get a gradient: those of the model, or one for
    ///   every query head.
    func attentionBackward(_ dz: UnsafePointer<Float>, keyCount: Int) -> HeadVectors {
        let gradients = HeadVectors(
            rows: batch.rowCount, of: layer.attention, keyCount: keyCount, in: batch.workspace)
        batch.attention.backward(
            layer.attention, vectors, patterns: patterns, dz: dz, to: gradients,
            workspace: batch.workspace)
        batch.attention.rotate(gradients, of: layer.attention, transposed: true)
        return gradients
    }

    // MARK: - Receivers

    /// An input of the layer's heads: to the queries of one head, or to keys or values.
    struct HeadReceiver {
        /// Its number in the layer: queries of all heads, then keys, then values.
        let number: Int
        /// From its normalised input.
        let projection: HeadProjection
        /// Where its projection lies, `[row, d_head]`, rows `stride` apart.
        let vectors: UnsafeMutablePointer<Float>
        let stride: Int
    }

    /// Calls `body` with every receiver of the layer's heads.
    /// - Parameter vectors: where the projections of all of them lie, or their gradients.
    func forEachHeadReceiver(in vectors: HeadVectors, _ body: (HeadReceiver) -> Void) {
        let attention = layer.attention
        let (heads, keys, width) = (attention.headCount, vectors.keyCount, attention.dHead)
        for head in 0..<heads {
            body(
                HeadReceiver(
                    number: head, projection: attention.queries(ofHead: head),
                    vectors: vectors.queries + head * width, stride: heads * width))
        }
        for key in 0..<keys {
            body(
                HeadReceiver(
                    number: heads + key, projection: attention.keys(key, of: keys),
                    vectors: vectors.keys + key * width, stride: keys * width))
        }
        for key in 0..<keys {
            body(
                HeadReceiver(
                    number: heads + keys + key, projection: attention.values(key, of: keys),
                    vectors: vectors.values + key * width, stride: keys * width))
        }
    }

    /// What the receivers of a layer's heads read before their normalisation.
    enum HeadInputs {
        /// All the same, `[row, d_model]`.
        case shared(UnsafePointer<Float>)
        /// Each its own, `[receiver, row, d_model]`.
        case own(UnsafePointer<Float>)
    }

    /// Computes the gradient of the normalised input of every receiver of the layer's heads.
    /// - Parameters:
    ///   - gradients: of queries, keys (both before rotation, behind their norms) and values.
    ///   - inputs: what the receivers read.
    ///   - body: gets the number of a receiver and the gradient, `[row, d_model]`, which is
    ///     overwritten after the call.
    func forEachHeadReceiver(
        gradients: HeadVectors, at inputs: HeadInputs,
        _ body: (_ number: Int, _ dNormalized: UnsafePointer<Float>) -> Void
    ) {
        let (workspace, rows) = (batch.workspace, batch.rowCount)
        let mark = workspace.mark
        let dNormalized = workspace.take(batch.streamSize)
        guard let queryNorm = layer.attention.queryNorm, let keyNorm = layer.attention.keyNorm
        else {
            forEachHeadReceiver(in: gradients) { receiver in
                receiver.projection.applyTransposed(
                    receiver.vectors, stride: receiver.stride, to: dNormalized, rows: rows)
                body(receiver.number, dNormalized)
            }
            return workspace.reset(to: mark)
        }
        let normalized = workspace.take(batch.streamSize)
        var (queryOrigin, keyOrigin): (HeadNorm.Origin?, HeadNorm.Origin?) = (nil, nil)
        if case .shared(let input) = inputs {
            layer.attentionNorm.apply(input, to: normalized, rows: rows)
            queryOrigin = queryNorm.origin(of: normalized, rows: rows, in: workspace)
            keyOrigin = keyNorm.origin(of: normalized, rows: rows, in: workspace)
        }
        let firstKey = layer.attention.headCount
        forEachHeadReceiver(in: gradients) { receiver in
            let mark = workspace.mark
            var origin = receiver.number < firstKey ? queryOrigin : keyOrigin
            if case .own(let all) = inputs, let norm = receiver.projection.norm {
                layer.attentionNorm.apply(
                    all + receiver.number * batch.streamSize, to: normalized, rows: rows)
                origin = norm.origin(of: normalized, rows: rows, in: workspace)
            }
            receiver.projection.applyBackward(
                receiver.vectors, stride: receiver.stride, at: normalized, origin: origin,
                to: dNormalized, rows: rows, workspace: workspace)
            body(receiver.number, dNormalized)
            workspace.reset(to: mark)
        }
        workspace.reset(to: mark)
    }
}
