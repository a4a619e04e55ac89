import Basics

/// Models laid out like Llama: RMSNorm, separate q, k and v, a gated MLP. Qwen2 and Gemma 2 are
/// variations of it.
struct LlamaLayout: ModelLayout {
    var configuration: ModelConfiguration
    var names: LlamaTensorNames
    /// Whether the unembedding is the token embedding.
    var isTied: Bool
    /// Whether q, k and v have biases.
    var queryKeyValueBias = false
    /// Whether the attention's output has a bias.
    var outputBias = false
    /// Whether the MLP's maps have biases.
    var mlpBias = false
    /// What is added to every norm's gain.
    var normOffset: Float = 0
    /// Whether q and k rows are stored pair by pair, as llama.cpp's converter for Llama leaves them.
    var interleavedQueriesAndKeys = false

    func weights(_ reader: WeightReader) throws(Failure) -> ModelWeights {
        let shape = configuration
        let embedding = try reader.table(
            names.embedding + ".weight", count: shape.dVocab, dModel: shape.dModel)
        var weights = ModelWeights(
            tokenEmbedding: embedding, finalNorm: try norm(reader, names.finalNorm),
            unembedding: try reader.unembedding(names.unembedding, isTied: isTied, to: embedding))
        for index in 0..<shape.nLayers {
            weights.layers.append(try layer(reader, names.layers + "\(index)."))
        }
        return weights
    }

    private func layer(_ reader: WeightReader, _ at: String) throws(Failure) -> LayerWeights {
        let shape = configuration
        let attention = AttentionWeights(
            query: try heads(reader, at + names.query, shape.nHeads, interleavedQueriesAndKeys),
            key: try heads(reader, at + names.key, shape.nKeyValueHeads, interleavedQueriesAndKeys),
            value: try heads(reader, at + names.value, shape.nKeyValueHeads, false),
            output: try reader.affine(
                at + names.output, inputs: shape.nHeads * shape.dHead, outputs: shape.dModel,
                hasBias: outputBias))
        func affine(_ name: String, _ inputs: Int, _ outputs: Int) throws(Failure) -> Affine {
            try reader.affine(name, inputs: inputs, outputs: outputs, hasBias: mlpBias)
        }
        let mlp = MLPWeights(
            gate: try affine(at + names.gate, shape.dModel, shape.dMLP),
            input: try affine(at + names.up, shape.dModel, shape.dMLP),
            output: try affine(at + names.down, shape.dMLP, shape.dModel))
        var layer = LayerWeights(
            attentionNorm: try norm(reader, at + names.attentionNorm), attention: attention,
            mlpNorm: try norm(reader, at + names.mlpNorm), mlp: mlp)
        if let name = names.postAttentionNorm {
            layer.postAttentionNorm = try norm(reader, at + name)
        }
        if let name = names.postMLPNorm { layer.postMLPNorm = try norm(reader, at + name) }
        return layer
    }

    private func norm(_ reader: WeightReader, _ name: String) throws(Failure) -> NormWeights {
        try reader.norm(
            name, width: configuration.dModel, hasBias: false, addingToGain: normOffset)
    }

    /// A projection onto heads, its rows put back in order where they were stored pair by pair.
    private func heads(
        _ reader: WeightReader, _ name: String, _ count: Int, _ interleaved: Bool
    ) throws(Failure) -> Affine {
        let (dModel, dHead) = (configuration.dModel, configuration.dHead)
        // Dimension i of the first half of a head is stored at 2i, that of the second at 2i + 1.
        let stored = { (row: Int) in
            let (head, dimension) = row.quotientAndRemainder(dividingBy: dHead)
            let (half, pair) = dimension.quotientAndRemainder(dividingBy: dHead / 2)
            return head * dHead + 2 * pair + half
        }
        return try reader.affine(
            name, inputs: dModel, outputs: count * dHead, hasBias: queryKeyValueBias,
            sourceOutput: interleaved ? stored : nil)
    }
}

extension ModelConfiguration {
    /// What the `config.json` of all Llama-like families has in common.
    init(
        llamaLike config: HuggingFaceConfiguration, family: ModelFamily, activation: Activation
    ) throws(Failure) {
        let dModel = try config.int("hidden_size")
        let heads = try config.int("num_attention_heads")
        let dHead = try config.int(
            "head_dim", default: Self.headWidth(of: dModel, heads: heads))
        self.init(
            family: family, nLayers: try config.int("num_hidden_layers"), nHeads: heads,
            nKeyValueHeads: try config.int("num_key_value_heads", default: heads), dModel: dModel,
            dHead: dHead, dMLP: try config.int("intermediate_size"),
            dVocab: try config.int("vocab_size"),
            nContext: try config.int("max_position_embeddings"),
            normalization: .rmsNorm(epsilon: Float(try config.float("rms_norm_eps"))),
            positions: .rotary(try RotaryEmbedding(config, dimensions: dHead)),
            activation: activation, isGated: true)
    }

    /// What the GGUF metadata of all Llama-like families has in common.
    init(
        llamaLike file: GGUFFile, architecture: String, family: ModelFamily, activation: Activation
    ) throws(Failure) {
        let metadata = file.metadata
        func key(_ name: String) -> String { "\(architecture).\(name)" }
        let dModel = try metadata.int(key("embedding_length"))
        let heads = try metadata.int(key("attention.head_count"))
        let dHead = try metadata.int(
            key("attention.key_length"), default: Self.headWidth(of: dModel, heads: heads))
        guard try metadata.int(key("attention.value_length"), default: dHead) == dHead else {
            throw metadata.unsupported("a value width other than the key width")
        }
        guard try metadata.int(key("expert_count"), default: 0) == 0 else {
            throw metadata.unsupported("a mixture of experts")
        }
        let rotary = try RotaryEmbedding(
            file, architecture: architecture,
            dimensions: try metadata.int(key("rope.dimension_count"), default: dHead))
        self.init(
            family: family, nLayers: try metadata.int(key("block_count")), nHeads: heads,
            nKeyValueHeads: try metadata.int(key("attention.head_count_kv"), default: heads),
            dModel: dModel, dHead: dHead, dMLP: try metadata.int(key("feed_forward_length")),
            dVocab: try file.vocabularySize(), nContext: try metadata.int(key("context_length")),
            normalization: .rmsNorm(
                epsilon: Float(try metadata.float(key("attention.layer_norm_rms_epsilon")))),
            positions: .rotary(rotary), activation: activation, isGated: true)
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
