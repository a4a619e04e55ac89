import Basics

extension LlamaLikeLayout {
    /// Reads the GGUF metadata of a family. Which maps have biases only the tensors tell.
    init(_ family: LlamaLikeFamily, _ file: GGUFFile) throws(Failure) {
        let (metadata, catalog) = (file.metadata, file.catalog)
        func key(_ name: String) -> String { "\(family.architecture).\(name)" }
        let dModel = try metadata.int(key("embedding_length"))
        let heads = try metadata.int(key("attention.head_count"))
        let byWidth = ModelConfiguration.headWidth(of: dModel, heads: heads)
        let dHead = try metadata.int(key("attention.key_length"), default: byWidth)
        guard try metadata.int(key("attention.value_length"), default: dHead) == dHead else {
            throw metadata.unsupported("a value width other than the key width")
        }
        guard try metadata.int(key("expert_count"), default: 0) == 0 else {
            throw metadata.unsupported("a mixture of experts")
        }
        let rotated = try metadata.int(key("rope.dimension_count"), default: dHead)
        guard family.rotatesPartly || rotated == dHead else {
            throw metadata.unsupported(
                "\(rotated) rotated dimensions in heads of width \(dHead)")
        }
        let context = try metadata.int(key("context_length"))
        var shape = ModelConfiguration(
            family: family.family, nLayers: try metadata.int(key("block_count")), nHeads: heads,
            nKeyValueHeads: try metadata.int(key("attention.head_count_kv"), default: heads),
            dModel: dModel, dHead: dHead, dMLP: try metadata.int(key("feed_forward_length")),
            dVocab: try file.vocabularySize(), nContext: context,
            normalization: .rmsNorm(
                epsilon: Float(try metadata.float(key("attention.layer_norm_rms_epsilon")))),
            positions: .rotary(
                try RotaryEmbedding(
                    file, architecture: family.architecture, dimensions: rotated, context: context)),
            activation: family.defaults.activation == "silu" ? .silu : .geluTanh, isGated: true)
        shape.headNormalization = family.headNormalization
        shape.hasNormsBefore = family.norms != .after
        shape.hasNormsAfter = family.norms != .before
        if family.scalesEmbeddings { shape.embeddingScale = Float(dModel).squareRoot() }
        if family.defaults.attentionScalar != nil {
            let width = shape.nLayers == family.gguf.layersScaledByWidth ? byWidth : dHead
            shape.attentionScale = Float(
                try metadata.float(
                    key("attention.scale"), default: 1 / Double(max(width, 1)).squareRoot()))
        }
        if let cap = family.defaults.attentionSoftcap {
            shape.attentionSoftcap = try metadata.softcap(key("attn_logit_softcapping"), cap)
        }
        if let cap = family.defaults.logitSoftcap {
            shape.logitSoftcap = try metadata.softcap(key("final_logit_softcapping"), cap)
        }
        if let interval = family.gguf.unrotatedInterval {
            shape.unrotatedLayers = ModelConfiguration.flags(shape.nLayers) {
                ($0 + 1).isMultiple(of: interval)
            }
        }
        try shape.setWindow(family, metadata)
        if shape.slidingWindow != nil, let usual = family.defaults.slidingRotaryBase {
            shape.slidingRotary = RotaryEmbedding(
                dimensions: rotated,
                base: try metadata.float(key("rope.freq_base_swa"), default: usual))
        }

        func hasBias(_ name: String) -> Bool { catalog["blk.0.\(name).bias"] != nil }
        let names = LlamaTensorNames.gguf(family.norms)
        guard family.norms == .before || !hasBias(names.output) else {
            throw metadata.unsupported("attention with biases before a norm")
        }
        var needsBias = hasBias(family.isFused ? names.queryKeyValue : names.query)
        if case .queriesKeysValues = family.biases { needsBias = true }
        self.init(
            family: family, configuration: shape, names: names,
            isTied: catalog["output.weight"] == nil, queryKeyValueBias: needsBias,
            outputBias: hasBias(names.output), mlpBias: hasBias(names.up), gainOffset: 0,
            interleavesHeads: family.gguf.interleavesHeads)
    }
}

extension ModelConfiguration {
    fileprivate mutating func setWindow(
        _ family: LlamaLikeFamily, _ metadata: GGUFMetadata
    ) throws(Failure) {
        guard family.gguf.hasWindow, let layers = family.window?.layers else { return }
        func key(_ name: String) -> String { "\(family.architecture).\(name)" }
        let width = try metadata.int(
            key("attention.sliding_window"), default: family.gguf.windowWidth ?? 0)
        var interval: Int?
        if case .allButEvery(let usual, _) = layers {
            interval = try metadata.int(key("attention.sliding_window_pattern"), default: usual)
        }
        guard width != 0 else { return }
        slidingWindow = width
        slidingLayers = Self.flags(nLayers) { layer in
            guard let interval, interval > 0 else { return true }
            return !(layer + 1).isMultiple(of: interval)
        }
    }
}

extension GGUFMetadata {
    /// A soft cap; 0 is none.
    fileprivate func softcap(
        _ key: String, _ absent: LlamaLikeFamily.Softcap
    ) throws(Failure) -> Float? {
        let cap = try float(key, default: Double(absent.value ?? 0))
        guard cap >= 0 else { throw unsupported("\(key) \(cap)") }
        return cap == 0 ? nil : Float(cap)
    }
}

extension GGUFFile {
    /// Rows of the token embedding, which every family calls the same.
    func vocabularySize() throws(Failure) -> Int {
        guard let shape = catalog["token_embd.weight"]?.shape, shape.count == 2 else {
            throw Failure(
                .badData, "\(catalog.path): no tensor token_embd.weight; the model isn't complete")
        }
        return shape[0]
    }
}
