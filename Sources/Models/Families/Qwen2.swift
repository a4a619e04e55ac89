extension LlamaLikeFamily {
    /// Qwen 2 and 2.5: Llama with biases on q, k and v.
    static let qwen2 = LlamaLikeFamily(
        family: .qwen2, modelType: "qwen2", architecture: "qwen2",
        defaults: Defaults(keyValueHeads: 32), biases: .queriesKeysValues, window: .qwen)
}

extension LlamaLikeFamily.Window {
    /// Qwen's: off unless `use_sliding_window`, then in the upper layers.
    static let qwen = LlamaLikeFamily.Window(
        width: 4096, flag: "use_sliding_window", layers: .from(key: "max_window_layers", 28))
}
