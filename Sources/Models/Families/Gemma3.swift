extension LlamaLikeFamily {
    /// Gemma 3, its text models: Gemma 2 without caps, with norms of each head's queries and keys; five
    /// layers with a window and a rotary base of their own, then one without.
    static let gemma3 = LlamaLikeFamily(
        family: .gemma3, modelType: "gemma3_text", architecture: "gemma3",
        defaults: Defaults(
            activationKey: "hidden_activation", activation: "gelu_pytorch_tanh", headWidth: 256,
            keyValueHeads: 4, rotaryBase: 1_000_000, slidingRotaryBase: 10000, isTied: true,
            attentionScalar: 256, logitSoftcap: Softcap.none),
        norms: .around, headNormalization: .perHead, gainOffset: 1, scalesEmbeddings: true,
        biases: .ofAttention,
        window: Window(width: 4096, layers: .allButEvery(6, key: "sliding_window_pattern")),
        unusedKeys: ["hidden_act"], gguf: GGUF(hasWindow: true, layersScaledByWidth: 62))
}
