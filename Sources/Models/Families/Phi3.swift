extension LlamaLikeFamily {
    /// Phi 3, 3.5 and 4 (their dense models): Llama with fused projections, a part of each head
    /// rotated, and LongRoPE.
    static let phi3 = LlamaLikeFamily(
        family: .phi3, modelType: "phi3", architecture: "phi3",
        defaults: Defaults(epsilon: 1e-5, trainingContext: 4096),
        isFused: true, window: Window(layers: .all), rotatesPartly: true,
        callsLongRoPEYarn: true,
        unusedKeys: ["full_attn_mod", "interpolate_factor", "lm_head_bias"],
        gguf: GGUF(hasWindow: true))
}
