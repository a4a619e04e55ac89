import Basics

/// Qwen2 and Qwen2.5: Llama with biases on q, k and v.
extension LlamaLayout {
    init(qwen2 config: HuggingFaceConfiguration) throws(Failure) {
        var configuration = try ModelConfiguration(
            llamaLike: config, family: .qwen2,
            activation: try config.activation("hidden_act", default: "silu"))
        if try config.bool("use_sliding_window", default: false), config.has("sliding_window") {
            configuration.slidingWindow = try config.int("sliding_window")
            let firstSliding = try config.int("max_window_layers", default: 28)
            configuration.slidingLayers = try config.slidingLayers(
                configuration.nLayers, absent: { $0 >= firstSliding })
        }
        self.init(
            configuration: configuration, names: .huggingFace,
            isTied: try config.bool("tie_word_embeddings", default: false), queryKeyValueBias: true)
    }

    init(qwen2 file: GGUFFile) throws(Failure) {
        self.init(
            configuration: try ModelConfiguration(
                llamaLike: file, architecture: "qwen2", family: .qwen2, activation: .silu),
            names: .gguf, isTied: file.catalog["output.weight"] == nil, queryKeyValueBias: true)
    }
}

extension HuggingFaceConfiguration {
    /// Which of the layers attend within a window, as `layer_types` lists them; where there is no
    /// such list, as `absent` says of each layer.
    func slidingLayers(
        _ nLayers: Int, absent: (Int) -> Bool
    ) throws(Failure) -> [Bool] {
        if let types = try strings("layer_types") { return types.map { $0 == "sliding_attention" } }
        // The number of layers is checked later.
        return (0..<max(0, min(nLayers, 1 << 12))).map(absent)
    }
}
