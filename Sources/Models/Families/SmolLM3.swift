extension LlamaLikeFamily {
    /// SmolLM3: Llama with every fourth layer not rotated.
    static let smolLM3 = LlamaLikeFamily(
        family: .smolLM3, modelType: "smollm3", architecture: "smollm3",
        defaults: Defaults(keyValueHeads: 4, rotaryBase: 2_000_000, isTied: true),
        biases: .ofAttentionAndMLP,
        window: Window(flag: "use_sliding_window", layers: .unrotated), hasUnrotatedLayers: true,
        unusedKeys: ["max_window_layers"],
        gguf: GGUF(interleavesHeads: true, unrotatedInterval: 4))
}
