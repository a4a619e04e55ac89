extension LlamaLikeFamily {
    /// Gemma 1: Llama with GELU, scaled embeddings, and gains stored without their 1.
    static let gemma = LlamaLikeFamily(
        family: .gemma, modelType: "gemma", architecture: "gemma",
        defaults: Defaults(
            activation: "gelu_pytorch_tanh", gelu: .geluTanh, headWidth: 256, keyValueHeads: 16,
            isTied: true),
        gainOffset: 1, scalesEmbeddings: true, biases: .ofAttention,
        unusedKeys: ["hidden_activation"])
}
