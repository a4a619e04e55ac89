extension LlamaLikeFamily {
    /// Qwen 3: Llama with norms of each head's queries and keys, and heads of a width of their own.
    static let qwen3 = LlamaLikeFamily(
        family: .qwen3, modelType: "qwen3", architecture: "qwen3",
        defaults: Defaults(headWidth: 128, keyValueHeads: 32), headNormalization: .perHead,
        biases: .ofAttention, window: .qwen)
}
