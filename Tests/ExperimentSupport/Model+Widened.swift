package import Models

extension Model {
    /// The same model with all its weights in float32, each in memory of its own.
    package func widened() throws -> Model {
        var storage: [WeightStorage] = []
        func copy(_ values: StoredValues, count: Int) throws -> UnsafePointer<Float> {
            let memory = try WeightStorage(count: count)
            storage.append(memory)
            values.copy(count, to: memory.values)
            return UnsafePointer(memory.values)
        }
        func widened(_ affine: Affine) throws -> Affine {
            let weight = affine.weight
            // The rows with what lies between them: the rest of a map of which this is a slice.
            let count = (weight.rows - 1) * weight.stride + weight.columns
            return Affine(
                weight: Weight(
                    values: try copy(weight.values, count: count), inputs: weight.inputs,
                    outputs: weight.outputs, stride: weight.stride, layout: weight.layout),
                bias: affine.bias)
        }
        func widened(_ table: EmbeddingTable) throws -> EmbeddingTable {
            EmbeddingTable(
                values: StoredValues(
                    try copy(table.values, count: table.count * table.dModel), .float32),
                count: table.count, dModel: table.dModel)
        }
        let layers = try layers.map { layer in
            var wide = layer
            wide.attention.query = try widened(layer.attention.query)
            wide.attention.key = try widened(layer.attention.key)
            wide.attention.value = try widened(layer.attention.value)
            wide.attention.output = try widened(layer.attention.output)
            wide.mlp.gate = try layer.mlp.gate.map(widened)
            wide.mlp.input = try widened(layer.mlp.input)
            wide.mlp.output = try widened(layer.mlp.output)
            return wide
        }
        let tokens = try widened(tokenEmbedding)
        let positions = try positionEmbedding.map(widened)
        let unembedding = try widened(unembedding)
        return Model(
            configuration: configuration, tokenEmbedding: tokens, positionEmbedding: positions,
            layers: layers, finalNorm: finalNorm, unembedding: unembedding,
            // Norms and biases are views of this model's memory.
            storage: storage + [self], name: name, path: path)
    }
}
