import Models

/// One forward pass over a few prompts of a batch, on one thread.
struct ForwardPass: ~Copyable {
    let transformer: Transformer
    let hooks: ForwardHooks
    /// The tokens of the whole batch.
    private let tokens: [[Int32]]
    /// The pass's prompts and rows among those of the whole batch.
    let prompts: Range<Int>
    let rows: Range<Int>
    /// The longest prompt of the whole batch.
    private let longest: Int
    /// Where keys and values are kept, and taken from; nil where all positions are computed.
    private let cache: KeyValueCache?
    let attention: BatchAttention
    let workspace: Workspace
    private let stream: UnsafeMutablePointer<Float>
    let normalized: UnsafeMutablePointer<Float>
    private let update: UnsafeMutablePointer<Float>

    var configuration: ModelConfiguration { transformer.configuration }
    var rowCount: Int { rows.count }
    var dModel: Int { configuration.dModel }

    init(
        _ transformer: Transformer, _ tokens: [[Int32]], _ layout: RowLayout,
        _ prompts: Range<Int>, _ hooks: ForwardHooks
    ) {
        self.transformer = transformer
        self.hooks = hooks
        self.tokens = tokens
        self.prompts = prompts
        rows = layout.starts[prompts.lowerBound]..<layout.starts[prompts.upperBound]
        longest = layout.longest
        attention = BatchAttention(transformer, lengths: prompts.map(layout.length))
        let size = rows.count * transformer.configuration.dModel
        cache = nil
        workspace = Workspace(blockSize: 4 * size)
        stream = workspace.take(size)
        normalized = workspace.take(size)
        update = workspace.take(size)
    }

    /// A pass over tokens that follow the positions of a cache. Its scratch memory is the cache's.
    init(
        _ transformer: Transformer, appending tokens: [Int32], to cache: KeyValueCache,
        _ hooks: ForwardHooks
    ) {
        self.transformer = transformer
        self.hooks = hooks
        self.tokens = [tokens]
        prompts = 0..<1
        rows = cache.count..<cache.count + tokens.count
        longest = rows.upperBound
        attention = BatchAttention(transformer, appending: rows)
        self.cache = cache
        workspace = cache.workspace
        let size = rows.count * transformer.configuration.dModel
        stream = workspace.take(size)
        normalized = workspace.take(size)
        update = workspace.take(size)
    }

    /// Runs the layers and the final normalisation: `[rows, d_model]`, valid while
    /// the pass lives.
    func run() -> UnsafePointer<Float> {
        embed(prompts.flatMap { tokens[$0] })
        for layer in transformer.layers.indices { run(layer) }
        normalize(
            stream, by: transformer.finalNorm, to: normalized, .finalScale, .finalNormalized)
        visit(.unembedIn, normalized, width: dModel)
        visitLogits()
        return UnsafePointer(normalized)
    }

    private func embed(_ tokens: [Int32]) {
        transformer.embed(tokens, to: stream)
        visit(.embed, stream, width: dModel)
        if configuration.positions == .learned {
            transformer.embedPositions(
                attention.rows.positions.values, rows: rowCount, to: update)
            visit(.positionEmbed, update, width: dModel)
            stream.add(update, count: rowCount * dModel)
        }
    }

    private func run(_ index: Int) {
        let layer = transformer.layers[index]
        // TransformerLens calls the norms ln1 and ln2 too where they stand after attention and MLP only.
        let isBefore = configuration.hasNormsBefore
        visit(.block(index, .residualPre), stream, width: dModel)
        normalize(
            stream, by: layer.attentionNorm, to: normalized, .block(index, .attentionScale),
            .block(index, .attentionNormalized))
        visit(.block(index, .attentionIn), normalized, width: dModel)
        attend(layer.attention, index)
        if let norm = layer.postAttentionNorm {
            normalize(
                update, by: norm, to: update,
                .block(index, isBefore ? .postAttentionScale : .attentionScale),
                .block(index, isBefore ? .postAttentionNormalized : .attentionNormalized))
        }
        visit(.block(index, .attentionOut), update, width: dModel)
        let isParallel = configuration.parallelAttentionMLP
        if !isParallel {
            stream.add(update, count: rowCount * dModel)
            visit(.block(index, .residualMid), stream, width: dModel)
        }
        normalize(
            stream, by: layer.mlpNorm, to: normalized, .block(index, .mlpScale),
            .block(index, .mlpNormalized))
        // A parallel layer's MLP reads the stream without what attention adds to it.
        if isParallel { stream.add(update, count: rowCount * dModel) }
        visit(.block(index, .mlpIn), normalized, width: dModel)
        feedForward(layer, index)
        if let norm = layer.postMLPNorm {
            normalize(
                update, by: norm, to: update, .block(index, isBefore ? .postMLPScale : .mlpScale),
                .block(index, isBefore ? .postMLPNormalized : .mlpNormalized))
        }
        visit(.block(index, .mlpOut), update, width: dModel)
        stream.add(update, count: rowCount * dModel)
        visit(.block(index, .residualPost), stream, width: dModel)
    }

    private func feedForward(_ layer: TransformerLayer, _ index: Int) {
        let width = configuration.dMLP
        // Hooks are passed only where they are wanted: the neurons are the largest activation.
        let (hooks, rows, prompts) = (hooks, rows, prompts)
        func visitor(_ part: HookPoint.BlockPoint) -> ((UnsafeMutablePointer<Float>) -> Void)? {
            let point: HookPoint = .block(index, part)
            guard hooks.points.contains(point) else { return nil }
            return {
                let block = ActivationBlock(values: $0, rows: rows, prompts: prompts, width: width)
                hooks.body(point, block)
            }
        }
        layer.mlp.apply(
            normalized, to: update, rows: rowCount, workspace: workspace, pre: visitor(.mlpPre),
            linear: visitor(.mlpPreLinear), hidden: visitor(.mlpPost))
    }

    /// Attention of all heads: reads `normalized`, leaves what is added to the stream in `update`.
    private func attend(_ weights: Attention, _ index: Int) {
        let mark = workspace.mark
        let (heads, width) = (weights.headCount, weights.dHead)
        var vectors =
            cache?.vectors(ofLayer: index, weights, rows: rowCount, from: rows.lowerBound)
            ?? HeadVectors(
                rows: rowCount, of: weights, keyCount: weights.keyValueHeadCount, in: workspace)
        let z = workspace.take(rowCount * heads * width)
        attention.project(normalized, through: weights, to: vectors)
        visit(.block(index, .query), vectors.queries, width: heads * width)
        visit(.block(index, .key), vectors.keys, width: vectors.keyCount * width)
        visit(.block(index, .value), vectors.values, width: vectors.keyCount * width)
        prepare(vectors, of: weights, index)
        visit(.block(index, .rotatedQuery), vectors.queries, width: heads * width)
        visit(.block(index, .rotatedKey), vectors.keys, width: vectors.keyCount * width)
        if cache != nil { vectors = vectors.startingEarlier(by: rows.lowerBound, of: weights) }
        if hooks.points.contains(.block(index, .pattern))
            || hooks.points.contains(.block(index, .scores))
        {
            attendInSteps(weights, index, vectors, to: z)
        } else {
            let pattern = workspace.take(attention.largestPattern)
            attention.forward(
                weights, vectors, patterns: pattern, keepingPatterns: false, to: z)
        }
        visit(.block(index, .z), z, width: heads * width)
        if hooks.points.contains(.block(index, .result)) {
            sumHeadResults(weights, index, z: z)
        } else {
            weights.output.apply(
                z, stride: heads * width, to: update, stride: dModel, rows: rowCount)
        }
        workspace.reset(to: mark)
    }

    /// From rotated queries and keys to z by way of scores and patterns, for hooks that want these.
    private func attendInSteps(
        _ weights: Attention, _ index: Int, _ vectors: HeadVectors,
        to z: UnsafeMutablePointer<Float>
    ) {
        let heads = weights.headCount
        let patterns = workspace.take(rowCount * heads * longest)
        if hooks.points.contains(.block(index, .scores)) {
            attention.writeScores(
                of: weights, vectors, to: patterns, keyPositions: longest, workspace: workspace)
            visit(.block(index, .scores), patterns, width: heads * longest)
            attention.turnIntoPatterns(patterns, of: weights, keyPositions: longest)
        } else {
            attention.writePatterns(
                of: weights, vectors, to: patterns, keyPositions: longest, workspace: workspace)
        }
        visit(.block(index, .pattern), patterns, width: heads * longest)
        attention.applyPatterns(patterns, keyPositions: longest, of: weights, vectors, to: z)
    }

    /// The output projection head by head, for hooks that want each head's result.
    private func sumHeadResults(
        _ weights: Attention, _ index: Int, z: UnsafePointer<Float>
    ) {
        let heads = weights.headCount
        let results = workspace.take(rowCount * heads * dModel)
        for head in 0..<heads {
            weights.applyOutput(
                ofHead: head, z, to: results + head * dModel, stride: heads * dModel,
                rows: rowCount)
        }
        visit(.block(index, .result), results, width: heads * dModel)
        update.update(repeating: 0, count: rowCount * dModel)
        for row in 0..<rowCount {
            for head in 0..<heads {
                (update + row * dModel).add(
                    results + (row * heads + head) * dModel, count: dModel)
            }
        }
        if let bias = weights.output.bias {
            update.addToRows(bias.values, rows: rowCount, columns: dModel, stride: dModel)
        }
    }
}
