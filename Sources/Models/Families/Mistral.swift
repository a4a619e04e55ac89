extension LlamaLikeFamily {
    /// Mistral: Llama with a sliding window in every layer. Its GGUF files say they are Llama's.
    static let mistral = LlamaLikeFamily(
        family: .mistral, modelType: "mistral", architecture: "llama",
        defaults: Defaults(keyValueHeads: 8), window: Window(width: 4096, layers: .all),
        gguf: GGUF(interleavesHeads: true))
}
