extension LlamaLikeFamily {
    /// Gemma 2: norms after the sublayers too, capped scores and logits, and a sliding window in every
    /// other layer.
    static let gemma2 = LlamaLikeFamily(
        family: .gemma2, modelType: "gemma2", architecture: "gemma2",
        defaults: Defaults(
            activationKey: "hidden_activation", activation: "gelu_pytorch_tanh", headWidth: 256,
            keyValueHeads: 4, isTied: true, attentionScalar: 256, attentionSoftcap: .at(50),
            logitSoftcap: .at(30)),
        norms: .around, gainOffset: 1, scalesEmbeddings: true, biases: .ofAttention,
        window: Window(width: 4096, layers: .allButEvery(2, key: nil)),
        unusedKeys: ["hidden_act"],
        gguf: GGUF(windowWidth: 4096, hasWindow: true, layersScaledByWidth: 46))
}
