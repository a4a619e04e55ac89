import Basics

/// Gemma 2: norms after the sublayers too, gains stored without their 1, capped scores and logits,
/// scaled embeddings, and a sliding window in every other layer.
extension LlamaLayout {
    init(gemma2 config: HuggingFaceConfiguration) throws(Failure) {
        guard try !config.bool("attention_bias", default: false) else {
            throw config.unsupported("attention with biases")
        }
        let activation = try config.activation(
            config.has("hidden_activation") ? "hidden_activation" : "hidden_act",
            default: "gelu_pytorch_tanh")
        var configuration = try ModelConfiguration(
            llamaLike: config, family: .gemma2,
            // Early files say "gelu" in hidden_act, where the tanh approximation is meant.
            activation: activation == .gelu && !config.has("hidden_activation")
                ? .geluTanh : activation)
        configuration.attentionScale =
            1 / Float(try config.float("query_pre_attn_scalar", default: 256)).squareRoot()
        configuration.attentionSoftcap = try config.softcap("attn_logit_softcapping")
        configuration.logitSoftcap = try config.softcap("final_logit_softcapping")
        if config.has("sliding_window") {
            configuration.slidingWindow = try config.int("sliding_window")
            configuration.slidingLayers = try config.slidingLayers(
                configuration.nLayers, absent: { $0.isMultiple(of: 2) })
        }
        var names = LlamaTensorNames.huggingFace
        names.postAttentionNorm = names.mlpNorm
        names.mlpNorm = "pre_feedforward_layernorm"
        names.postMLPNorm = "post_feedforward_layernorm"
        self.init(
            gemma2: configuration, names: names,
            isTied: try config.bool("tie_word_embeddings", default: true))
        // llama.cpp's converter adds the 1 itself.
        normOffset = 1
    }

    init(gemma2 file: GGUFFile) throws(Failure) {
        let metadata = file.metadata
        var configuration = try ModelConfiguration(
            llamaLike: file, architecture: "gemma2", family: .gemma2, activation: .geluTanh)
        // Of the released sizes only the 27B model, with 46 layers, doesn't scale by head width.
        let is27B = configuration.nLayers == 46
        let scaled =
            is27B
            ? ModelConfiguration.headWidth(of: configuration.dModel, heads: configuration.nHeads)
            : configuration.dHead
        configuration.attentionScale = Float(
            try metadata.float(
                "gemma2.attention.scale", default: 1 / Double(max(scaled, 1)).squareRoot()))
        configuration.attentionSoftcap = Float(
            try metadata.float("gemma2.attn_logit_softcapping", default: 50))
        configuration.logitSoftcap = Float(
            try metadata.float("gemma2.final_logit_softcapping", default: 30))
        configuration.slidingWindow = try metadata.int(
            "gemma2.attention.sliding_window", default: 4096)
        configuration.slidingLayers = (0..<max(0, min(configuration.nLayers, 1 << 12))).map {
            $0.isMultiple(of: 2)
        }
        var names = LlamaTensorNames.gguf
        names.postAttentionNorm = "post_attention_norm"
        names.postMLPNorm = "post_ffw_norm"
        self.init(
            gemma2: configuration, names: names, isTied: file.catalog["output.weight"] == nil)
    }

    private init(gemma2 configuration: ModelConfiguration, names: LlamaTensorNames, isTied: Bool) {
        self.init(configuration: configuration, names: names, isTied: isTied)
        self.configuration.embeddingScale = Float(configuration.dModel).squareRoot()
    }
}

extension HuggingFaceConfiguration {
    fileprivate func softcap(_ key: String) throws(Failure) -> Float? {
        has(key) ? Float(try float(key)) : nil
    }
}
