/// A normalisation's weights.
public struct NormWeights: Sendable {
    /// What the normalised values are multiplied with, `[dModel]` (Gemma's `1 + w` is applied at
    /// load); nil is 1.
    public var gain: Vector?
    /// What is added after, `[dModel]`; nil is 0.
    public var bias: Vector?

    /// A normalisation's weights; without any it only normalises.
    public init(gain: Vector? = nil, bias: Vector? = nil) {
        self.gain = gain
        self.bias = bias
    }
}

/// The four projections of an attention layer. Heads lie one after the other: head `h` has the
/// outputs (of `output`: the inputs) `h * dHead ..< (h + 1) * dHead`.
public struct AttentionWeights: Sendable {
    /// dModel to nHeads * dHead.
    public var query: Affine
    /// dModel to nKeyValueHeads * dHead.
    public var key: Affine
    /// dModel to nKeyValueHeads * dHead.
    public var value: Affine
    /// nHeads * dHead to dModel.
    public var output: Affine

    /// The four projections.
    public init(query: Affine, key: Affine, value: Affine, output: Affine) {
        self.query = query
        self.key = key
        self.value = value
        self.output = output
    }
}

/// The projections of an MLP.
public struct MLPWeights: Sendable {
    /// dModel to dMLP, in gated MLPs: its activation multiplies `input`'s outputs.
    public var gate: Affine?
    /// dModel to dMLP.
    public var input: Affine
    /// dMLP to dModel.
    public var output: Affine

    /// The projections.
    public init(gate: Affine? = nil, input: Affine, output: Affine) {
        self.gate = gate
        self.input = input
        self.output = output
    }
}

/// One layer.
public struct LayerWeights: Sendable {
    /// Before attention (`ln1`).
    public var attentionNorm: NormWeights
    /// Attention.
    public var attention: AttentionWeights
    /// Before the MLP (`ln2`); with parallel attention and MLP it reads the layer's input too.
    public var mlpNorm: NormWeights
    /// The MLP.
    public var mlp: MLPWeights
    /// After attention, before its sum into the stream (Gemma 2).
    public var postAttentionNorm: NormWeights?
    /// After the MLP, before its sum into the stream (Gemma 2).
    public var postMLPNorm: NormWeights?

    /// One layer.
    public init(
        attentionNorm: NormWeights, attention: AttentionWeights, mlpNorm: NormWeights,
        mlp: MLPWeights, postAttentionNorm: NormWeights? = nil, postMLPNorm: NormWeights? = nil
    ) {
        self.attentionNorm = attentionNorm
        self.attention = attention
        self.mlpNorm = mlpNorm
        self.mlp = mlp
        self.postAttentionNorm = postAttentionNorm
        self.postMLPNorm = postMLPNorm
    }
}
