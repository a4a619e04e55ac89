import Basics

extension LlamaLikeLayout {
    /// Reads `config.json` of a family.
    init(_ family: LlamaLikeFamily, _ config: HuggingFaceConfiguration) throws(Failure) {
        let defaults = family.defaults
        let dModel = try config.int("hidden_size")
        let heads = try config.int("num_attention_heads")
        let dHead = try config.int(
            "head_dim",
            default: config.isNull("head_dim") || defaults.headWidth == nil
                ? ModelConfiguration.headWidth(of: dModel, heads: heads)
                : defaults.headWidth)
        let keyValueHeads = try config.int(
            "num_key_value_heads",
            default: config.isNull("num_key_value_heads") ? heads : defaults.keyValueHeads ?? heads)
        let rotary = try HuggingFaceRotary(
            config, family, headWidth: dHead,
            context: try config.int("max_position_embeddings"))
        var activation = try config.activation(
            defaults.activationKey, default: defaults.activation)
        if activation == .gelu { activation = defaults.gelu }
        var shape = ModelConfiguration(
            family: family.family, nLayers: try config.int("num_hidden_layers"), nHeads: heads,
            nKeyValueHeads: keyValueHeads, dModel: dModel, dHead: dHead,
            dMLP: try config.int("intermediate_size"), dVocab: try config.int("vocab_size"),
            nContext: try config.int("max_position_embeddings"),
            normalization: .rmsNorm(
                epsilon: Float(try config.float("rms_norm_eps", default: defaults.epsilon))),
            positions: .rotary(rotary.everywhere), activation: activation, isGated: true)
        shape.headNormalization = family.headNormalization
        shape.hasNormsBefore = family.norms != .after
        shape.hasNormsAfter = family.norms != .before
        if let scalar = defaults.attentionScalar {
            let scalar = try config.float("query_pre_attn_scalar", default: scalar)
            guard scalar > 0 else { throw config.unsupported("query_pre_attn_scalar \(scalar)") }
            shape.attentionScale = 1 / Float(scalar).squareRoot()
        }
        shape.attentionSoftcap = try config.softcap(
            "attn_logit_softcapping", defaults.attentionSoftcap)
        shape.logitSoftcap = try config.softcap("final_logit_softcapping", defaults.logitSoftcap)
        if family.scalesEmbeddings { shape.embeddingScale = Float(dModel).squareRoot() }
        if family.hasUnrotatedLayers {
            shape.unrotatedLayers = try config.unrotatedLayers(shape.nLayers)
        }
        try shape.setWindow(family.window, config)
        shape.slidingRotary = rotary.sliding

        let biases = try config.biases(family)
        guard family.norms == .before || !biases.output else {
            throw config.unsupported("attention with biases before a norm")
        }
        if family.scalesEmbeddings, try config.bool("use_bidirectional_attention", default: false) {
            throw config.unsupported("attention in both directions")
        }
        self.init(
            family: family, configuration: shape, names: .huggingFace(family.norms),
            isTied: try config.bool("tie_word_embeddings", default: defaults.isTied),
            queryKeyValueBias: biases.attention, outputBias: biases.output, mlpBias: biases.mlp,
            gainOffset: family.gainOffset, interleavesHeads: false)
    }
}

extension HuggingFaceConfiguration {
    /// Which maps have biases.
    fileprivate func biases(
        _ family: LlamaLikeFamily
    ) throws(Failure) -> (attention: Bool, output: Bool, mlp: Bool) {
        let attention = try bool("attention_bias", default: false)
        let mlp = try bool("mlp_bias", default: false)
        switch family.biases {
        case .none where attention: throw unsupported("attention with biases")
        case .none where mlp, .ofAttention where mlp: throw unsupported("an MLP with biases")
        case .none: return (false, false, false)
        case .queriesKeysValues: return (true, false, false)
        case .ofAttention: return (attention, attention, false)
        case .ofAttentionAndMLP: return (attention, attention, mlp)
        }
    }

    fileprivate func softcap(
        _ key: String, _ absent: LlamaLikeFamily.Softcap?
    ) throws(Failure) -> Float? {
        guard let absent else { return nil }
        if has(key) {
            let cap = try float(key)
            guard cap > 0 else { throw unsupported("\(key) \(cap)") }
            return Float(cap)
        }
        return isNull(key) ? nil : absent.value
    }

    /// SmolLM3's list of layers, in which 1 means that a layer rotates.
    fileprivate func unrotatedLayers(_ nLayers: Int) throws(Failure) -> [Bool] {
        let interval = try int("no_rope_layer_interval", default: 4)
        if let rotated = try integers("no_rope_layers") {
            guard rotated.count >= nLayers else {
                throw unsupported("no_rope_layers of \(rotated.count) of \(nLayers) layers")
            }
            return rotated.prefix(max(nLayers, 0)).map { $0 == 0 }
        }
        guard interval > 0 else { throw unsupported("no_rope_layer_interval \(interval)") }
        return ModelConfiguration.flags(nLayers) { ($0 + 1).isMultiple(of: interval) }
    }
}

extension ModelConfiguration {
    /// Sets the window of the layers that have one.
    fileprivate mutating func setWindow(
        _ window: LlamaLikeFamily.Window?, _ config: HuggingFaceConfiguration
    ) throws(Failure) {
        guard let window else { return }
        // Read in any case, so that they count as known.
        let types =
            window.layers.isListed ? try config.layerTypes(nLayers) : nil
        let unlisted = try slidingLayers(window.layers, config)
        let isOn = try window.flag.map { flag throws(Failure) in
            try config.bool(flag, default: false)
        }
        guard
            config.has("sliding_window")
                || (window.width != nil && !config.isNull("sliding_window"))
        else { return }
        let width = try config.int("sliding_window", default: window.width)
        guard isOn != false else { return }
        slidingWindow = width
        slidingLayers = types ?? unlisted
    }

    private func slidingLayers(
        _ layers: LlamaLikeFamily.Window.Layers, _ config: HuggingFaceConfiguration
    ) throws(Failure) -> [Bool] {
        switch layers {
        case .all: return Self.flags(nLayers) { _ in true }
        case .allButEvery(let usual, let key):
            var interval = usual
            if let key { interval = try config.int(key, default: usual) }
            guard interval > 0 else { throw config.unsupported("a window in no layer") }
            return Self.flags(nLayers) { !($0 + 1).isMultiple(of: interval) }
        case .from(let key, let usual):
            let first = try config.int(key, default: usual)
            return Self.flags(nLayers) { $0 >= first }
        case .unrotated: return unrotatedLayers
        }
    }

    /// A flag for each layer. The number of layers is checked later; until then a nonsensical one
    /// mustn't hurt.
    static func flags(_ nLayers: Int, _ flag: (Int) -> Bool) -> [Bool] {
        (0..<max(0, min(nLayers, 1 << 12))).map(flag)
    }
}

extension LlamaLikeFamily.Window.Layers {
    /// Whether `layer_types` may list them.
    fileprivate var isListed: Bool {
        if case .all = self { false } else { true }
    }
}

extension HuggingFaceConfiguration {
    /// Which of the layers attend within a window, as `layer_types` lists them; nil without a list.
    fileprivate func layerTypes(_ nLayers: Int) throws(Failure) -> [Bool]? {
        guard let types = try strings("layer_types") else { return nil }
        let known = ["sliding_attention", "full_attention"]
        if let other = types.first(where: { !known.contains($0) }) {
            throw unsupported("a layer of the type \"\(other)\"")
        }
        guard types.count == nLayers else {
            throw unsupported("a list layer_types of \(types.count) of \(nLayers) layers")
        }
        return types.map { $0 == "sliding_attention" }
    }
}
