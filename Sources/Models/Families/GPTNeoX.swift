import Basics

/// GPT-NeoX and Pythia: LayerNorm, biases, the first part of each head rotated, attention and MLP
/// side by side.
struct GPTNeoXLayout: ModelLayout {
    var configuration: ModelConfiguration
    private var names: Names
    private var isTied: Bool

    init(_ config: HuggingFaceConfiguration) throws(Failure) {
        guard try config.bool("attention_bias", default: true) else {
            throw config.unsupported("attention without biases")
        }
        let dModel = try config.int("hidden_size")
        let heads = try config.int("num_attention_heads")
        let dHead = ModelConfiguration.headWidth(of: dModel, heads: heads)
        let context = try config.int("max_position_embeddings")
        // transformers 4 wrote rotary_pct, rotary_emb_base and rope_scaling, 5 writes rope_parameters.
        let older = try config.object("rope_scaling")
        let rotary = try RotaryEmbedding(
            older.isEmpty ? try config.object("rope_parameters") : older, headWidth: dHead,
            HuggingFaceRotary.Defaults(
                base: try config.float("rotary_emb_base", default: 10000),
                rotatedPart: try config.float("rotary_pct", default: 0.25), rotatesPartly: true,
                context: context))
        configuration = ModelConfiguration(
            family: .gptNeoX, nLayers: try config.int("num_hidden_layers"), nHeads: heads,
            nKeyValueHeads: heads, dModel: dModel, dHead: dHead,
            dMLP: try config.int("intermediate_size"), dVocab: try config.int("vocab_size"),
            nContext: context,
            normalization: .layerNorm(
                epsilon: Float(try config.float("layer_norm_eps", default: 1e-5))),
            positions: .rotary(rotary),
            activation: try config.activation("hidden_act", default: "gelu"), isGated: false)
        configuration.parallelAttentionMLP = try config.bool("use_parallel_residual", default: true)
        isTied = try config.bool("tie_word_embeddings", default: false)
        names = .huggingFace
    }

    init(_ file: GGUFFile) throws(Failure) {
        let metadata = file.metadata
        let dModel = try metadata.int("gptneox.embedding_length")
        let heads = try metadata.int("gptneox.attention.head_count")
        let dHead = ModelConfiguration.headWidth(of: dModel, heads: heads)
        let context = try metadata.int("gptneox.context_length")
        configuration = ModelConfiguration(
            family: .gptNeoX, nLayers: try metadata.int("gptneox.block_count"), nHeads: heads,
            nKeyValueHeads: heads, dModel: dModel, dHead: dHead,
            dMLP: try metadata.int("gptneox.feed_forward_length"),
            dVocab: try file.vocabularySize(),
            nContext: context,
            normalization: .layerNorm(
                epsilon: Float(try metadata.float("gptneox.attention.layer_norm_epsilon"))),
            positions: .rotary(
                try RotaryEmbedding(
                    file, architecture: "gptneox",
                    dimensions: try metadata.int("gptneox.rope.dimension_count", default: dHead),
                    context: context)),
            activation: .gelu, isGated: false)
        configuration.parallelAttentionMLP =
            try metadata.bool("gptneox.use_parallel_residual") ?? true
        isTied = file.catalog["output.weight"] == nil
        names = .gguf
    }

    /// Masks and frequencies that early versions stored.
    var unusedTensors: [String] {
        ["attention.bias", "attention.masked_bias", "rotary_emb.inv_freq"]
    }

    func weights(_ reader: WeightReader) throws(Failure) -> ModelWeights {
        let (dModel, dMLP) = (configuration.dModel, configuration.dMLP)
        let embedding = try reader.table(
            names.tokens + ".weight", count: configuration.dVocab, dModel: dModel)
        var weights = ModelWeights(
            tokenEmbedding: embedding, finalNorm: try reader.norm(names.finalNorm, width: dModel),
            unembedding: try reader.unembedding(
                names.unembedding, isTied: isTied, to: embedding, named: names.tokens))
        for index in 0..<configuration.nLayers {
            let at = names.layers + "\(index)."
            weights.layers.append(
                LayerWeights(
                    attentionNorm: try reader.norm(at + names.attentionNorm, width: dModel),
                    attention: AttentionWeights(
                        query: try heads(reader, at + names.queryKeyValue, part: 0),
                        key: try heads(reader, at + names.queryKeyValue, part: 1),
                        value: try heads(reader, at + names.queryKeyValue, part: 2),
                        output: try reader.affine(
                            at + names.output, inputs: dModel, outputs: dModel)),
                    mlpNorm: try reader.norm(at + names.mlpNorm, width: dModel),
                    mlp: MLPWeights(
                        input: try reader.affine(at + names.up, inputs: dModel, outputs: dMLP),
                        output: try reader.affine(at + names.down, inputs: dMLP, outputs: dModel))))
        }
        return weights
    }

    /// q, k or v (`part` 0, 1 or 2) out of the fused map.
    ///
    /// Hugging Face's files hold q, k and v of head 0, then of head 1, and so on; GGUF files hold
    /// all heads of q, then of k, then of v.
    private func heads(
        _ reader: WeightReader, _ name: String, part: Int
    ) throws(Failure) -> Affine {
        let (dModel, dHead) = (configuration.dModel, configuration.dHead)
        let outputs = configuration.nHeads * dHead
        let fusedPerHead = names.isFusedPerHead
        let stored = { (row: Int) in
            fusedPerHead
                ? (row / dHead * 3 + part) * dHead + row % dHead : part * outputs + row
        }
        return try reader.affine(
            name, inputs: dModel, outputs: outputs, storedOutputs: 3 * outputs,
            sourceOutput: stored)
    }

    /// What the parts are called, and how q, k and v are fused.
    private struct Names: Sendable {
        var tokens, finalNorm, unembedding, layers: String
        var attentionNorm, queryKeyValue, output, mlpNorm, up, down: String
        var isFusedPerHead: Bool

        static let huggingFace = Names(
            tokens: "gpt_neox.embed_in", finalNorm: "gpt_neox.final_layer_norm",
            unembedding: "embed_out", layers: "gpt_neox.layers.", attentionNorm: "input_layernorm",
            queryKeyValue: "attention.query_key_value", output: "attention.dense",
            mlpNorm: "post_attention_layernorm", up: "mlp.dense_h_to_4h", down: "mlp.dense_4h_to_h",
            isFusedPerHead: true)

        static let gguf = Names(
            tokens: "token_embd", finalNorm: "output_norm", unembedding: "output", layers: "blk.",
            attentionNorm: "attn_norm", queryKeyValue: "attn_qkv", output: "attn_output",
            mlpNorm: "ffn_norm", up: "ffn_up", down: "ffn_down", isFusedPerHead: false)
    }
}
