import Basics

/// Llama, and the many models that are Llama but for their weights, such as SmolLM2.
extension LlamaLayout {
    init(llama config: HuggingFaceConfiguration) throws(Failure) {
        let hasAttentionBias = try config.bool("attention_bias", default: false)
        self.init(
            configuration: try ModelConfiguration(
                llamaLike: config, family: .llama,
                activation: try config.activation("hidden_act", default: "silu")),
            names: .huggingFace, isTied: try config.bool("tie_word_embeddings", default: false),
            queryKeyValueBias: hasAttentionBias, outputBias: hasAttentionBias,
            mlpBias: try config.bool("mlp_bias", default: false))
    }

    /// llama.cpp's converter stores the rows of q and k pair by pair; metadata doesn't tell of
    /// biases, only the tensors do.
    init(llama file: GGUFFile) throws(Failure) {
        let catalog = file.catalog
        self.init(
            configuration: try ModelConfiguration(
                llamaLike: file, architecture: "llama", family: .llama, activation: .silu),
            names: .gguf, isTied: catalog["output.weight"] == nil,
            queryKeyValueBias: catalog["blk.0.attn_q.bias"] != nil,
            outputBias: catalog["blk.0.attn_output.bias"] != nil,
            mlpBias: catalog["blk.0.ffn_up.bias"] != nil, interleavedQueriesAndKeys: true)
        if case .rotary(let rotary) = configuration.positions,
            rotary.dimensions != configuration.dHead
        {
            throw file.metadata.unsupported("a Llama model whose heads are rotated in part")
        }
    }
}
