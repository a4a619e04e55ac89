extension LlamaLikeFamily {
    /// Llama, and the many models that are Llama but for their weights, such as SmolLM2.
    static let llama = LlamaLikeFamily(
        family: .llama, modelType: "llama", architecture: "llama", biases: .ofAttentionAndMLP,
        gguf: GGUF(interleavesHeads: true))
}
