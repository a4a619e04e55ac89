import Basics

/// GPT-2: learned positions, LayerNorm, biases everywhere, q, k and v fused in one map.
///
/// Hugging Face's files keep its maps input-major (Conv1D), and they are used that way, in place.
struct GPT2Layout: ModelLayout {
    var configuration: ModelConfiguration
    private var names: Names
    private var isTied: Bool

    init(_ config: HuggingFaceConfiguration, _ catalog: TensorCatalog) throws(Failure) {
        guard try config.bool("scale_attn_weights", default: true),
            try !config.bool("scale_attn_by_inverse_layer_idx", default: false)
        else { throw config.unsupported("attention scaled by layer, or not at all,") }
        let dModel = try config.int("n_embd")
        let heads = try config.int("n_head")
        configuration = ModelConfiguration(
            family: .gpt2, nLayers: try config.int("n_layer"), nHeads: heads,
            nKeyValueHeads: heads, dModel: dModel,
            dHead: ModelConfiguration.headWidth(of: dModel, heads: heads),
            dMLP: try config.int("n_inner", default: 4 &* dModel),
            dVocab: try config.int("vocab_size"), nContext: try config.int("n_positions"),
            normalization: .layerNorm(
                epsilon: Float(try config.float("layer_norm_epsilon", default: 1e-5))),
            positions: .learned,
            activation: try config.activation("activation_function", default: "gelu_new"),
            isGated: false)
        isTied = try config.bool("tie_word_embeddings", default: true)
        // Files of the bare transformer, the published GPT-2 among them, lack the prefix.
        names = .huggingFace(prefix: catalog["wte.weight"] == nil ? "transformer." : "")
    }

    init(_ file: GGUFFile) throws(Failure) {
        let metadata = file.metadata
        let dModel = try metadata.int("gpt2.embedding_length")
        let heads = try metadata.int("gpt2.attention.head_count")
        configuration = ModelConfiguration(
            family: .gpt2, nLayers: try metadata.int("gpt2.block_count"), nHeads: heads,
            nKeyValueHeads: heads, dModel: dModel,
            dHead: ModelConfiguration.headWidth(of: dModel, heads: heads),
            dMLP: try metadata.int("gpt2.feed_forward_length"), dVocab: try file.vocabularySize(),
            nContext: try metadata.int("gpt2.context_length"),
            normalization: .layerNorm(
                epsilon: Float(try metadata.float("gpt2.attention.layer_norm_epsilon"))),
            positions: .learned, activation: .geluTanh, isGated: false)
        isTied = file.catalog["output.weight"] == nil
        names = .gguf
    }

    /// Masks that early versions stored.
    var unusedTensors: [String] { [".attn.bias", ".attn.masked_bias"] }

    func weights(_ reader: WeightReader) throws(Failure) -> ModelWeights {
        let (dModel, dMLP) = (configuration.dModel, configuration.dMLP)
        let embedding = try reader.table(
            names.tokens + ".weight", count: configuration.dVocab, dModel: dModel)
        var weights = ModelWeights(
            tokenEmbedding: embedding,
            positionEmbedding: try reader.table(
                names.positions + ".weight", count: configuration.nContext, dModel: dModel),
            finalNorm: try reader.norm(names.finalNorm, width: dModel),
            unembedding: try reader.unembedding(
                names.unembedding, isTied: isTied, to: embedding, named: names.tokens))
        func affine(_ name: String, _ inputs: Int, _ outputs: Int) throws(Failure) -> Affine {
            try reader.affine(name, inputs: inputs, outputs: outputs, layout: names.layout)
        }
        for index in 0..<configuration.nLayers {
            let at = names.layers + "\(index)."
            let fused = try affine(at + names.queryKeyValue, dModel, 3 * dModel)
            weights.layers.append(
                LayerWeights(
                    attentionNorm: try reader.norm(at + names.attentionNorm, width: dModel),
                    attention: AttentionWeights(
                        query: fused.outputs(0..<dModel), key: fused.outputs(dModel..<2 * dModel),
                        value: fused.outputs(2 * dModel..<3 * dModel),
                        output: try affine(at + names.output, dModel, dModel)),
                    mlpNorm: try reader.norm(at + names.mlpNorm, width: dModel),
                    mlp: MLPWeights(
                        input: try affine(at + names.up, dModel, dMLP),
                        output: try affine(at + names.down, dMLP, dModel))))
        }
        return weights
    }

    /// What the parts are called, and how the maps lie.
    private struct Names: Sendable {
        var tokens, positions, finalNorm, unembedding, layers: String
        var attentionNorm, queryKeyValue, output, mlpNorm, up, down: String
        var layout: Weight.Layout

        static func huggingFace(prefix: String) -> Names {
            Names(
                tokens: prefix + "wte", positions: prefix + "wpe", finalNorm: prefix + "ln_f",
                unembedding: "lm_head", layers: prefix + "h.", attentionNorm: "ln_1",
                queryKeyValue: "attn.c_attn", output: "attn.c_proj", mlpNorm: "ln_2",
                up: "mlp.c_fc", down: "mlp.c_proj", layout: .inputMajor)
        }

        static let gguf = Names(
            tokens: "token_embd", positions: "position_embd", finalNorm: "output_norm",
            unembedding: "output", layers: "blk.", attentionNorm: "attn_norm",
            queryKeyValue: "attn_qkv", output: "attn_output", mlpNorm: "ffn_norm", up: "ffn_up",
            down: "ffn_down", layout: .outputMajor)
    }
}
