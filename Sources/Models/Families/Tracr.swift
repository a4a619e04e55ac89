import Basics

/// Programs compiled by Tracr, in a folder laid out like Hugging Face's (`fixtures/tracr` says how):
/// learned positions, no normalisation, attention both ways, logits of another vocabulary.
struct TracrLayout: ModelLayout {
    var configuration: ModelConfiguration

    init(_ config: HuggingFaceConfiguration) throws(Failure) {
        let heads = try config.int("num_attention_heads")
        let dVocab = try config.int("vocab_size")
        configuration = ModelConfiguration(
            family: .tracr, nLayers: try config.int("num_hidden_layers"), nHeads: heads,
            nKeyValueHeads: heads, dModel: try config.int("hidden_size"),
            dHead: try config.int("head_dim"), dMLP: try config.int("intermediate_size"),
            dVocab: dVocab, nContext: try config.int("max_position_embeddings"),
            normalization: .none, positions: .learned,
            activation: try config.activation("hidden_act", default: "relu"), isGated: false)
        configuration.dVocabOut = try config.int("output_size", default: dVocab)
        configuration.isCausal = try config.bool("is_causal", default: false)
    }

    func weights(_ reader: WeightReader) throws(Failure) -> ModelWeights {
        let shape = configuration
        let (dModel, width) = (shape.dModel, shape.nHeads * shape.dHead)
        var weights = ModelWeights(
            tokenEmbedding: try reader.table(
                "token_embedding.weight", count: shape.dVocab, dModel: dModel),
            positionEmbedding: try reader.table(
                "position_embedding.weight", count: shape.nContext, dModel: dModel),
            finalNorm: NormWeights(),
            unembedding: try reader.affine(
                "unembedding", inputs: dModel, outputs: shape.dVocabOut, hasBias: false))
        func affine(_ name: String, _ inputs: Int, _ outputs: Int) throws(Failure) -> Affine {
            try reader.affine(name, inputs: inputs, outputs: outputs)
        }
        for index in 0..<shape.nLayers {
            let at = "layers.\(index)."
            weights.layers.append(
                LayerWeights(
                    attentionNorm: NormWeights(),
                    attention: AttentionWeights(
                        query: try affine(at + "attention.query", dModel, width),
                        key: try affine(at + "attention.key", dModel, width),
                        value: try affine(at + "attention.value", dModel, width),
                        output: try affine(at + "attention.output", width, dModel)),
                    mlpNorm: NormWeights(),
                    mlp: MLPWeights(
                        input: try affine(at + "mlp.input", dModel, shape.dMLP),
                        output: try affine(at + "mlp.output", shape.dMLP, dModel))))
        }
        return weights
    }
}
