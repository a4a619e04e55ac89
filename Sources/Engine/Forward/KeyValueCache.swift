import Models

/// Keys and values of a prompt's positions at every layer, so that what is appended to the prompt is
/// computed alone: in a causal model earlier positions don't change.
///
/// It is used by one thread at a time.
final class KeyValueCache {
    /// How many positions it has.
    var count = 0
    /// How many it has room for.
    let capacity: Int
    /// Scratch memory of the passes that fill it.
    let workspace: Workspace
    /// Normalised and rotated keys of a layer, `[position, kv_head * d_head]`.
    private let keys: [FloatBuffer]
    /// Values of a layer, `[position, kv_head * d_head]`.
    private let values: [FloatBuffer]

    init(_ transformer: Transformer, capacity: Int) {
        self.capacity = capacity
        workspace = Workspace(blockSize: 8 * capacity * transformer.configuration.dModel)
        func rows(_ layer: TransformerLayer) -> FloatBuffer {
            FloatBuffer(
                count: capacity * layer.attention.keyValueHeadCount * layer.attention.dHead)
        }
        keys = transformer.layers.map(rows)
        values = transformer.layers.map(rows)
    }

    /// A layer's queries, from scratch memory, with its keys and values from a position on.
    func vectors(
        ofLayer layer: Int, _ attention: Attention, rows: Int, from position: Int
    ) -> HeadVectors {
        let (width, keyCount) = (attention.dHead, attention.keyValueHeadCount)
        return HeadVectors(
            queries: workspace.take(rows * attention.headCount * width),
            keys: keys[layer].values + position * keyCount * width,
            values: values[layer].values + position * keyCount * width, keyCount: keyCount)
    }
}
