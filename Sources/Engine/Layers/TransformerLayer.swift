import Models

/// One layer of a model, its parts ready to run.
package struct TransformerLayer: Sendable {
    /// Before attention; does nothing in OLMo 2.
    package let attentionNorm: Normalizer
    /// Attention.
    package let attention: Attention
    /// Before the MLP; does nothing in OLMo 2.
    package let mlpNorm: Normalizer
    /// The MLP.
    package let mlp: FeedForward
    /// After attention, in Gemma 2 and 3 and in OLMo 2.
    package let postAttentionNorm: Normalizer?
    /// After the MLP, in Gemma 2 and 3 and in OLMo 2.
    package let postMLPNorm: Normalizer?

    init(_ layer: Int, of model: Model, _ rotation: Rotation?) {
        let configuration = model.configuration
        let weights = model.layers[layer]
        let normalizer = { (norm: NormWeights?) in
            Normalizer(
                norm == nil ? .none : configuration.normalization, norm ?? NormWeights(),
                width: configuration.dModel)
        }
        attentionNorm = normalizer(weights.attentionNorm)
        let head = AttentionHead(
            width: configuration.dHead, scale: configuration.attentionScale,
            window: configuration.attentionWindow(ofLayer: layer) ?? 0,
            softCap: configuration.attentionSoftcap ?? 0)
        attention = Attention(weights.attention, head: head, configuration, rotation)
        mlpNorm = normalizer(weights.mlpNorm)
        mlp = FeedForward(weights.mlp, activation: configuration.activation)
        postAttentionNorm = weights.postAttentionNorm.map(normalizer)
        postMLPNorm = weights.postMLPNorm.map(normalizer)
    }
}
