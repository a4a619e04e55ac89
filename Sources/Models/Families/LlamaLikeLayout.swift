import Basics

/// Where a file keeps the weights of a model laid out like Llama, and how they lie there.
struct LlamaLikeLayout: ModelLayout {
    /// What makes its family.
    let family: LlamaLikeFamily
    var configuration: ModelConfiguration
    let names: LlamaTensorNames
    /// Whether the unembedding is the token embedding.
    let isTied: Bool
    /// Whether q, k and v have biases.
    let queryKeyValueBias: Bool
    /// Whether the attention's output has a bias.
    let outputBias: Bool
    /// Whether the MLP's maps have biases.
    let mlpBias: Bool
    /// What is added to every norm's gain.
    let gainOffset: Float
    /// Whether q and k rows are stored pair by pair.
    let interleavesHeads: Bool

    func weights(_ reader: WeightReader) throws(Failure) -> ModelWeights {
        let shape = configuration
        let embedding = try reader.table(
            names.embedding + ".weight", count: shape.dVocab, dModel: shape.dModel)
        var weights = ModelWeights(
            tokenEmbedding: embedding,
            finalNorm: try norm(reader, names.finalNorm, width: shape.dModel),
            unembedding: try reader.unembedding(
                names.unembedding, isTied: isTied, to: embedding, named: names.embedding))
        for index in 0..<shape.nLayers {
            weights.layers.append(try layer(reader, names.layers + "\(index)."))
        }
        return weights
    }

    /// Rotary frequencies that early versions stored though they follow from the configuration.
    var unusedTensors: [String] { ["rotary_emb.inv_freq", "attn_rot_embd.weight"] }

    var unusedKeys: [String] { family.unusedKeys }

    private func layer(_ reader: WeightReader, _ at: String) throws(Failure) -> LayerWeights {
        let width = configuration.dModel
        func norm(_ name: String?) throws(Failure) -> NormWeights? {
            guard let name else { return nil }
            return try self.norm(reader, at + name, width: width)
        }
        return LayerWeights(
            attentionNorm: try norm(names.attentionNorm), attention: try attention(reader, at),
            mlpNorm: try norm(names.mlpNorm), mlp: try mlp(reader, at),
            postAttentionNorm: try norm(names.postAttentionNorm),
            postMLPNorm: try norm(names.postMLPNorm))
    }

    private func attention(
        _ reader: WeightReader, _ at: String
    ) throws(Failure) -> AttentionWeights {
        let shape = configuration
        let (queries, keys) = (shape.nHeads * shape.dHead, shape.nKeyValueHeads * shape.dHead)
        let output = try reader.affine(
            at + names.output, inputs: queries, outputs: shape.dModel, hasBias: outputBias)
        var weights: AttentionWeights
        if family.isFused {
            let fused = try reader.affine(
                at + names.queryKeyValue, inputs: shape.dModel, outputs: queries + 2 * keys,
                hasBias: queryKeyValueBias)
            weights = AttentionWeights(
                query: fused.outputs(0..<queries), key: fused.outputs(queries..<queries + keys),
                value: fused.outputs(queries + keys..<queries + 2 * keys), output: output)
        } else {
            weights = AttentionWeights(
                query: try heads(reader, at + names.query, shape.nHeads, interleavesHeads),
                key: try heads(reader, at + names.key, shape.nKeyValueHeads, interleavesHeads),
                value: try heads(reader, at + names.value, shape.nKeyValueHeads, false),
                output: output)
        }
        if let normalization = shape.headNormalization {
            let isPerHead = normalization == .perHead
            weights.queryNorm = try norm(
                reader, at + names.queryNorm, width: isPerHead ? shape.dHead : queries)
            weights.keyNorm = try norm(
                reader, at + names.keyNorm, width: isPerHead ? shape.dHead : keys)
        }
        return weights
    }

    private func mlp(_ reader: WeightReader, _ at: String) throws(Failure) -> MLPWeights {
        let (dModel, dMLP) = (configuration.dModel, configuration.dMLP)
        func affine(_ name: String, _ inputs: Int, _ outputs: Int) throws(Failure) -> Affine {
            try reader.affine(at + name, inputs: inputs, outputs: outputs, hasBias: mlpBias)
        }
        let output = try affine(names.down, dMLP, dModel)
        if family.isFused {
            let fused = try affine(names.gateUp, dModel, 2 * dMLP)
            return MLPWeights(
                gate: fused.outputs(0..<dMLP), input: fused.outputs(dMLP..<2 * dMLP),
                output: output)
        }
        return MLPWeights(
            gate: try affine(names.gate, dModel, dMLP), input: try affine(names.up, dModel, dMLP),
            output: output)
    }

    private func norm(
        _ reader: WeightReader, _ name: String, width: Int
    ) throws(Failure) -> NormWeights {
        try reader.norm(name, width: width, hasBias: false, addingToGain: gainOffset)
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
