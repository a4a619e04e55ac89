package import Models

/// Keys and values of a run, as attention reads them: what copies of its prompts that differ from some
/// layer and position on read of the positions before.
package struct KnownKeys: Sendable {
    /// How the prompts lie in the rows.
    package let layout: RowLayout
    /// The layer of the first of `keys` and `values`.
    private let firstLayer: Int
    private let keys: [FloatBuffer]
    private let values: [FloatBuffer]

    /// The keys of a layer as they meet the queries, `[row, kv_head * d_head]`.
    package func keys(ofLayer layer: Int) -> FloatBuffer { keys[layer - firstLayer] }

    /// The values of a layer, `[row, kv_head * d_head]`.
    package func values(ofLayer layer: Int) -> FloatBuffer { values[layer - firstLayer] }

    /// What has to be recorded of a run: the keys and values of the layers from `layer` on.
    package static func points(
        from layer: Int, in configuration: ModelConfiguration
    ) -> Set<HookPoint> {
        Set(
            (layer..<max(layer, configuration.nLayers)).flatMap { layer -> [HookPoint] in
                [.block(layer, .rotatedKey), .block(layer, .value)]
            })
    }

    /// Keys and values from a run.
    /// - Parameters:
    ///   - activations: at these points, `[row, ...]`.
    ///   - layer: copies start in this layer or later ones.
    package init(
        _ activations: [HookPoint: FloatBuffer], layout: RowLayout, from layer: Int,
        in configuration: ModelConfiguration
    ) {
        self.layout = layout
        firstLayer = layer
        let layers = layer..<max(layer, configuration.nLayers)
        keys = layers.compactMap { activations[.block($0, .rotatedKey)] }
        values = layers.compactMap { activations[.block($0, .value)] }
        precondition(
            keys.count == layers.count && values.count == layers.count,
            "keys and values of \(layers.count) layers")
    }
}

/// The keys and values that a copy of a prompt reads in a layer: the known run's before its first
/// position, its own from there on.
struct KeysOfPrompt: ~Copyable {
    /// Values a row.
    let width: Int
    /// `[position, kv_head * d_head]`
    private(set) var keys: UnsafeMutablePointer<Float>
    /// Likewise.
    private(set) var values: UnsafeMutablePointer<Float>

    private let known: KnownKeys
    private let layer: Int
    private let ownKeys: UnsafeMutablePointer<Float>
    private let ownValues: UnsafeMutablePointer<Float>
    /// The prompt that was loaded last, and how many of its first positions are still the known run's.
    private var prompt = -1
    private var knownCount = 0

    init(_ known: KnownKeys, layer: Int, width: Int, longest: Int, _ workspace: Workspace) {
        self.known = known
        self.layer = layer
        self.width = width
        ownKeys = workspace.take(longest * width)
        ownValues = workspace.take(longest * width)
        keys = ownKeys
        values = ownValues
    }

    /// Loads those of a copy whose positions `own` are computed.
    mutating func load(
        _ prompt: Int, own: Range<Int>, _ newKeys: UnsafeMutablePointer<Float>,
        _ newValues: UnsafeMutablePointer<Float>
    ) {
        if own.lowerBound == 0 {
            (keys, values) = (newKeys, newValues)
            return
        }
        (keys, values) = (ownKeys, ownValues)
        if prompt != self.prompt { (self.prompt, knownCount) = (prompt, 0) }
        if knownCount < own.lowerBound {
            let first = (known.layout.starts[prompt] + knownCount) * width
            let count = (own.lowerBound - knownCount) * width
            (keys + knownCount * width).update(
                from: known.keys(ofLayer: layer).values + first, count: count)
            (values + knownCount * width).update(
                from: known.values(ofLayer: layer).values + first, count: count)
        }
        knownCount = own.lowerBound
        (keys + knownCount * width).update(from: newKeys, count: own.count * width)
        (values + knownCount * width).update(from: newValues, count: own.count * width)
    }
}
