/// A normalisation's weights.
package struct NormWeights: Sendable {
    /// What the normalised values are multiplied with, `[dModel]` (Gemma's `1 + w` is applied at
    /// load); nil is 1.
    package var gain: Vector?
    /// What is added after, `[dModel]`; nil is 0.
    package var bias: Vector?

    /// A normalisation's weights; without any it only normalises.
    package init(gain: Vector? = nil, bias: Vector? = nil) {
        self.gain = gain
        self.bias = bias
    }
}

/// The projections of an attention layer. Heads lie one after the other: head `h` has the
/// outputs (of `output`: the inputs) `h * dHead ..< (h + 1) * dHead`.
package struct AttentionWeights: Sendable {
    /// dModel to nHeads * dHead.
    package var query: Affine
    /// dModel to nKeyValueHeads * dHead.
    package var key: Affine
    /// dModel to nKeyValueHeads * dHead.
    package var value: Affine
    /// nHeads * dHead to dModel.
    package var output: Affine
    /// Of queries between projection and rotation, where the model has one: with a gain of dHead values
    /// of each head by itself, with one of nHeads * dHead of all heads together.
    package var queryNorm: NormWeights?
    /// Of keys, in the same way: dHead values, or nKeyValueHeads * dHead.
    package var keyNorm: NormWeights?

    /// The projections, and the norms of queries and keys.
    package init(
        query: Affine, key: Affine, value: Affine, output: Affine, queryNorm: NormWeights? = nil,
        keyNorm: NormWeights? = nil
    ) {
        self.query = query
        self.key = key
        self.value = value
        self.output = output
        self.queryNorm = queryNorm
        self.keyNorm = keyNorm
    }
}

/// The projections of an MLP.
package struct MLPWeights: Sendable {
    /// dModel to dMLP, in gated MLPs: its activation multiplies `input`'s outputs.
    package var gate: Affine?
    /// dModel to dMLP.
    package var input: Affine
    /// dMLP to dModel.
    package var output: Affine

    /// The projections.
    package init(gate: Affine? = nil, input: Affine, output: Affine) {
        self.gate = gate
        self.input = input
        self.output = output
    }
}

/// One layer.
package struct LayerWeights: Sendable {
    /// Before attention (`ln1`); nil where attention reads the stream as it is (OLMo 2).
    package var attentionNorm: NormWeights?
    /// Attention.
    package var attention: AttentionWeights
    /// Before the MLP (`ln2`); with parallel attention and MLP it reads the layer's input too. Nil
    /// where there is none.
    package var mlpNorm: NormWeights?
    /// The MLP.
    package var mlp: MLPWeights
    /// After attention, before its sum into the stream (Gemma 2 and 3, OLMo 2).
    package var postAttentionNorm: NormWeights?
    /// After the MLP, before its sum into the stream (Gemma 2 and 3, OLMo 2).
    package var postMLPNorm: NormWeights?

    /// One layer.
    package init(
        attentionNorm: NormWeights?, attention: AttentionWeights, mlpNorm: NormWeights?,
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
