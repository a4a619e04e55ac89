extension LlamaLikeFamily {
    /// OLMo 2: norms after the sublayers only, and of the queries (or keys) of all heads together.
    static let olmo2 = LlamaLikeFamily(
        family: .olmo2, modelType: "olmo2", architecture: "olmo2",
        defaults: Defaults(epsilon: 1e-5), norms: .after, headNormalization: .allHeads,
        biases: .ofAttention)
}
