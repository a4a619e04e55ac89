import CKernels
import Models

/// One forward pass over a few prompts of a batch, on one thread.
struct ForwardPass: ~Copyable {
    private let transformer: Transformer
    private let hooks: ForwardHooks
    private let layout: RowLayout
    private let prompts: Range<Int>
    private let rows: Range<Int>
    private let start: PassStart
    private let positions: Buffer<Int32>
    private let visible: Buffer<Int32>
    private var workspace: Workspace
    private let stream: UnsafeMutablePointer<Float>
    private let normalized: UnsafeMutablePointer<Float>
    private let update: UnsafeMutablePointer<Float>

    private var configuration: ModelConfiguration { transformer.configuration }
    private var rowCount: Int { rows.count }
    private var dModel: Int { configuration.dModel }

    init(
        _ transformer: Transformer, _ start: PassStart, _ layout: RowLayout,
        _ prompts: Range<Int>, _ hooks: ForwardHooks
    ) {
        self.transformer = transformer
        self.hooks = hooks
        self.layout = layout
        self.prompts = prompts
        rows = layout.starts[prompts.lowerBound]..<layout.starts[prompts.upperBound]
        self.start = start
        positions = Buffer(prompts.flatMap { 0..<Int32(layout.length($0)) })
        visible = Buffer(
            prompts.flatMap { prompt in
                let length = layout.length(prompt)
                return (0..<length).map {
                    Int32(transformer.visibleKeys(atPosition: $0, length: length))
                }
            })
        let configuration = transformer.configuration
        let count = rows.count
        workspace = Workspace(blockSize: 4 * count * configuration.dModel)
        stream = workspace.take(count * configuration.dModel)
        normalized = workspace.take(count * configuration.dModel)
        update = workspace.take(count * configuration.dModel)
    }

    /// Runs the layers from the start on and the final normalisation: `[rows, d_model]`, valid while the pass lives.
    mutating func run() -> UnsafePointer<Float> {
        for layer in begin()..<transformer.layers.count { run(layer) }
        transformer.finalNorm.apply(stream, to: normalized, rows: rowCount)
        visit(.finalNormalized, normalized, width: dModel)
        return UnsafePointer(normalized)
    }

    private func visit(_ point: HookPoint, _ values: UnsafeMutablePointer<Float>, width: Int) {
        if hooks.points.contains(point) {
            hooks.body(
                point, ActivationBlock(values: values, rows: rows, prompts: prompts, width: width))
        }
    }

    /// Puts what the pass starts with into the stream, and returns the first layer to run.
    private mutating func begin() -> Int {
        switch start {
        case .tokens(let all):
            embed(prompts.flatMap { all[$0] })
            return 0
        case .layer(let layer, let fill):
            for prompt in prompts {
                fill(prompt, stream + (layout.starts[prompt] - rows.lowerBound) * dModel)
            }
            return layer
        }
    }

    private mutating func embed(_ tokens: [Int32]) {
        transformer.embed(tokens, to: stream)
        visit(.embed, stream, width: dModel)
        if configuration.positions == .learned {
            transformer.embedPositions(positions.values, rows: rowCount, to: update)
            visit(.positionEmbed, update, width: dModel)
            ckernels_add(stream, update, rowCount * dModel)
        }
    }

    private mutating func run(_ index: Int) {
        let layer = transformer.layers[index]
        visit(.block(index, .residualPre), stream, width: dModel)
        layer.attentionNorm.apply(stream, to: normalized, rows: rowCount)
        visit(.block(index, .attentionNormalized), normalized, width: dModel)
        attend(layer, index)
        layer.postAttentionNorm?.apply(update, to: update, rows: rowCount)
        visit(.block(index, .attentionOut), update, width: dModel)
        if configuration.parallelAttentionMLP {
            layer.mlpNorm.apply(stream, to: normalized, rows: rowCount)
            ckernels_add(stream, update, rowCount * dModel)
        } else {
            ckernels_add(stream, update, rowCount * dModel)
            visit(.block(index, .residualMid), stream, width: dModel)
            layer.mlpNorm.apply(stream, to: normalized, rows: rowCount)
        }
        visit(.block(index, .mlpNormalized), normalized, width: dModel)
        feedForward(layer, index)
        layer.postMLPNorm?.apply(update, to: update, rows: rowCount)
        visit(.block(index, .mlpOut), update, width: dModel)
        ckernels_add(stream, update, rowCount * dModel)
        visit(.block(index, .residualPost), stream, width: dModel)
    }

    private mutating func feedForward(_ layer: TransformerLayer, _ index: Int) {
        let width = configuration.dMLP
        // Hooks are passed only where they are wanted: the neurons are the largest activation.
        let pre: HookPoint = .block(index, .mlpPre)
        let post: HookPoint = .block(index, .mlpPost)
        let (hooks, rows, prompts) = (hooks, rows, prompts)
        func visitor(_ point: HookPoint) -> ((UnsafeMutablePointer<Float>) -> Void)? {
            guard hooks.points.contains(point) else { return nil }
            return {
                let block = ActivationBlock(values: $0, rows: rows, prompts: prompts, width: width)
                hooks.body(point, block)
            }
        }
        layer.mlp.apply(
            normalized, to: update, rows: rowCount, workspace: &workspace, pre: visitor(pre),
            hidden: visitor(post))
    }

    /// Attention of all heads: reads `normalized`, leaves what is added to the stream in `update`.
    private mutating func attend(_ layer: TransformerLayer, _ index: Int) {
        let mark = workspace.mark
        let width = configuration.dHead
        let (heads, keyValueHeads) = (configuration.nHeads, configuration.nKeyValueHeads)
        let (qWidth, kvWidth) = (heads * width, keyValueHeads * width)
        let q = workspace.take(rowCount * qWidth)
        let k = workspace.take(rowCount * kvWidth)
        let v = workspace.take(rowCount * kvWidth)
        let z = workspace.take(rowCount * qWidth)
        let weights = layer.attention
        weights.query.apply(normalized, stride: dModel, to: q, stride: qWidth, rows: rowCount)
        weights.key.apply(normalized, stride: dModel, to: k, stride: kvWidth, rows: rowCount)
        weights.value.apply(normalized, stride: dModel, to: v, stride: kvWidth, rows: rowCount)
        visit(.block(index, .query), q, width: qWidth)
        visit(.block(index, .key), k, width: kvWidth)
        visit(.block(index, .value), v, width: kvWidth)
        if let rotation = transformer.rotation {
            rotation.apply(
                to: q, rows: rowCount, stride: qWidth, heads: heads, headWidth: width,
                positions: positions.values, period: rowCount)
            rotation.apply(
                to: k, rows: rowCount, stride: kvWidth, heads: keyValueHeads, headWidth: width,
                positions: positions.values, period: rowCount)
        }
        if hooks.points.contains(.block(index, .pattern)) {
            attendThroughPatterns(layer, index, q: q, k: k, v: v, z: z)
        } else {
            let scratch = workspace.take(layout.longest * layout.longest)
            for prompt in prompts {
                let first = layout.starts[prompt] - rows.lowerBound
                let length = layout.length(prompt)
                for head in 0..<heads {
                    let shared = transformer.keyValueHead(ofHead: head) * width
                    layer.head.attend(
                        q + first * qWidth + head * width, stride: qWidth, queries: length,
                        keys: k + first * kvWidth + shared, stride: kvWidth,
                        values: v + first * kvWidth + shared, stride: kvWidth, count: length,
                        visible: visible.values + first, period: length, pattern: scratch,
                        to: z + first * qWidth + head * width, stride: qWidth)
                }
            }
        }
        visit(.block(index, .z), z, width: qWidth)
        if hooks.points.contains(.block(index, .result)) {
            sumHeadResults(layer, index, z: z)
        } else {
            weights.output.apply(z, stride: qWidth, to: update, stride: dModel, rows: rowCount)
        }
        workspace.reset(to: mark)
    }

    /// Attention by way of the patterns `[row, head, key_position]`, for hooks that want them.
    private mutating func attendThroughPatterns(
        _ layer: TransformerLayer, _ index: Int, q: UnsafeMutablePointer<Float>,
        k: UnsafeMutablePointer<Float>, v: UnsafeMutablePointer<Float>,
        z: UnsafeMutablePointer<Float>
    ) {
        let width = configuration.dHead
        let (heads, longest) = (configuration.nHeads, layout.longest)
        let qWidth = heads * width
        let kvWidth = configuration.nKeyValueHeads * width
        let patterns = workspace.take(rowCount * heads * longest)
        patterns.update(repeating: 0, count: rowCount * heads * longest)
        let scratch = workspace.take(longest * longest)
        for prompt in prompts {
            let first = layout.starts[prompt] - rows.lowerBound
            let length = layout.length(prompt)
            for head in 0..<heads {
                let shared = transformer.keyValueHead(ofHead: head) * width
                layer.head.score(
                    q + first * qWidth + head * width, stride: qWidth, queries: length,
                    keys: k + first * kvWidth + shared, stride: kvWidth, count: length,
                    visible: visible.values + first, period: length, pattern: scratch)
                for query in 0..<length {
                    (patterns + ((first + query) * heads + head) * longest).update(
                        from: scratch + query * length, count: length)
                }
            }
        }
        visit(.block(index, .pattern), patterns, width: heads * longest)
        for prompt in prompts {
            let first = layout.starts[prompt] - rows.lowerBound
            let length = layout.length(prompt)
            for head in 0..<heads {
                let shared = transformer.keyValueHead(ofHead: head) * width
                BLAS.multiply(
                    patterns + (first * heads + head) * longest, stride: heads * longest,
                    v + first * kvWidth + shared, stride: kvWidth,
                    into: z + first * qWidth + head * width, stride: qWidth, rows: length,
                    columns: width, inner: length)
            }
        }
    }

    /// The output projection head by head, for hooks that want each head's result.
    private mutating func sumHeadResults(
        _ layer: TransformerLayer, _ index: Int, z: UnsafeMutablePointer<Float>
    ) {
        let width = configuration.dHead
        let heads = configuration.nHeads
        let results = workspace.take(rowCount * heads * dModel)
        for head in 0..<heads {
            layer.attention.output.weight.inputs(head * width..<(head + 1) * width).apply(
                z + head * width, stride: heads * width, to: results + head * dModel,
                stride: heads * dModel, rows: rowCount)
        }
        visit(.block(index, .result), results, width: heads * dModel)
        update.update(repeating: 0, count: rowCount * dModel)
        for row in 0..<rowCount {
            for head in 0..<heads {
                ckernels_add(
                    update + row * dModel, results + (row * heads + head) * dModel, dModel)
            }
        }
        if let bias = layer.attention.output.bias {
            ckernels_add_bias(update, bias.values, rowCount, dModel, dModel)
        }
    }
}
