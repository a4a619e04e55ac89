import Basics
import Engine
import Experiments
import Graphs
import Models

/// The run that is patched, at every point where a receiver reads it, and the passes that go on from
/// there with one edge's change.
struct ReceiverInputs: Sendable {
    /// What senders would add to the stream in place of what they add.
    let changes: SenderChanges

    private let graph: ComputationalGraph
    private let transformer: Transformer
    private let layout: RowLayout
    private let base: [HookPoint: FloatBuffer]
    /// Queries, keys and values by layer, rotated.
    private let attention: [Int: RecordedVectors]
    private let positions: Buffer<Int32>
    private let visible: Buffer<Int32>

    /// Queries, keys and values of one layer, `[row, head, d_head]`.
    private struct RecordedVectors: Sendable {
        let q: FloatBuffer
        let k: FloatBuffer
        let v: FloatBuffer
    }

    /// Runs the model on the prompts that are patched.
    /// - Parameter layers: the layers of the receivers; that of `logits` is the number of layers.
    init(_ pairs: PatchedPairs, layers: Set<Int>) throws(Failure) {
        graph = pairs.experiment.graph
        transformer = pairs.experiment.transformer
        layout = pairs.layout
        let configuration = transformer.configuration
        let nLayers = configuration.nLayers
        var points: Set<HookPoint> = [.block(nLayers - 1, .residualPost)]
        for layer in layers where layer < nLayers {
            let needed: [HookPoint.BlockPoint] = [.residualPre, .residualMid, .query, .key, .value]
            points.formUnion(needed.map { .block(layer, $0) })
        }
        base = try pairs.baseActivations(at: points)
        changes = SenderChanges(
            from: pairs.base, to: pairs.ablated, graph: graph, transformer: transformer)
        let rows = RowPositions(lengths: layout.lengths, in: transformer)
        (positions, visible) = (rows.positions, rows.visibleKeys)
        var attention: [Int: RecordedVectors] = [:]
        for layer in layers {
            guard let q = base[.block(layer, .query)], let k = base[.block(layer, .key)],
                let v = base[.block(layer, .value)]
            else { continue }
            let weights = transformer.layers[layer].attention
            weights.prepareQueries(
                q.values, rows: layout.rowCount, positions: positions.values)
            weights.prepareKeys(k.values, rows: layout.rowCount, positions: positions.values)
            attention[layer] = RecordedVectors(q: q, k: k, v: v)
        }
        self.attention = attention
    }

    /// The normalised final stream at the end of each patched prompt of a stack, `[job, d_model]`.
    /// All edges end at receivers of one layer.
    func finalStream(of stack: [PatchJob], edges: [Int], layer: Int) -> FloatBuffer {
        if layer == graph.nLayers { return finalStreamOfLogits(stack, edges: edges) }
        let stacked = RowLayout(lengths: stack.map { layout.length($0.pair) })
        let fill: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void = { prompt, target in
            copyStream(.block(layer, .residualPre), pair: stack[prompt].pair, to: target)
        }
        let hooks = ForwardHooks(
            at: [.block(layer, .z), .block(layer, .mlpIn)]
        ) { point, block in
            let isMLP = point == .block(layer, .mlpIn)
            let workspace = Workspace(blockSize: 1 << 14)
            for prompt in block.prompts {
                let job = stack[prompt]
                let edge = edges[job.component]
                let receiver = graph.receivers[graph.receiver(ofEdge: edge)]
                let row = stacked.starts[prompt] - block.rows.lowerBound
                let target = block.values + row * block.width
                let mark = workspace.mark
                switch receiver {
                case .mlp where isMLP:
                    let read: HookPoint.BlockPoint =
                        graph.parallelAttentionMLP ? .residualPre : .residualMid
                    copyStream(.block(layer, read), pair: job.pair, to: target)
                    changes.add(graph.sender(ofEdge: edge), job, to: target)
                    transformer.layers[layer].mlpNorm.apply(
                        target, to: target, rows: layout.length(job.pair))
                case .head(_, let head, let input) where !isMLP:
                    let number =
                        input == .query ? head : graph.keyReceiver(ofHead: head)
                    attend(
                        job, edge, layer: layer, input, number, to: target, stride: block.width,
                        workspace)
                case .group(_, let group, let input) where !isMLP:
                    attend(
                        job, edge, layer: layer, input, group, to: target, stride: block.width,
                        workspace)
                case .head, .group, .mlp, .logits: break
                }
                workspace.reset(to: mark)
            }
        }
        return transformer.finalStream(
            stacked, from: .layer(layer, fill: fill), rows: stacked.endRows, hooks: hooks)
    }

    /// What the edges into `logits` make of the final stream.
    private func finalStreamOfLogits(_ stack: [PatchJob], edges: [Int]) -> FloatBuffer {
        let dModel = transformer.configuration.dModel
        let result = FloatBuffer(count: stack.count * dModel)
        guard let stream = base[.block(graph.nLayers - 1, .residualPost)] else { return result }
        let slice = 64
        transformer.pool.run((stack.count + slice - 1) / slice) { _, piece in
            for index in piece * slice..<min(stack.count, (piece + 1) * slice) {
                let job = stack[index]
                let end = layout.length(job.pair) - 1
                let row = result.values + index * dModel
                row.update(
                    from: stream.values + (layout.starts[job.pair] + end) * dModel, count: dModel)
                changes.add(graph.sender(ofEdge: edges[job.component]), job, to: row, from: end)
                transformer.finalNorm.apply(row, to: row, rows: 1)
            }
        }
        return result
    }

    private func copyStream(
        _ point: HookPoint, pair: Int, to target: UnsafeMutablePointer<Float>
    ) {
        let dModel = transformer.configuration.dModel
        guard let stream = base[point] else { return }
        target.update(
            from: stream.values + layout.starts[pair] * dModel, count: layout.length(pair) * dModel)
    }

    /// Computes the heads that read one input of attention again, with an edge's change in it, and
    /// writes what they read out to `z` `[position, head, d_head]`, rows `stride` apart.
    private func attend(
        _ job: PatchJob, _ edge: Int, layer: Int, _ input: AttentionInput, _ number: Int,
        to z: UnsafeMutablePointer<Float>, stride: Int, _ workspace: Workspace
    ) {
        guard let attention = attention[layer] else { return }
        let configuration = transformer.configuration
        let (dModel, dHead) = (configuration.dModel, configuration.dHead)
        let parts = transformer.layers[layer]
        let length = layout.length(job.pair)
        let first = layout.starts[job.pair]

        let x = workspace.take(length * dModel)
        copyStream(.block(layer, .residualPre), pair: job.pair, to: x)
        changes.add(graph.sender(ofEdge: edge), job, to: x)
        parts.attentionNorm.apply(x, to: x, rows: length)
        let projection = parts.attention.projection(
            to: input, number: number, of: graph.keyReceiverCount)
        let changed = workspace.take(length * dHead)
        projection.apply(x, to: changed, rows: length, workspace: workspace)
        projection.rotate(
            changed, rows: length, positions: positions.values + first, period: length)

        let pattern = workspace.take(length * length)
        let (qStride, kvStride) = (
            configuration.nHeads * dHead, configuration.nKeyValueHeads * dHead
        )
        let heads = input == .query ? number..<number + 1 : graph.heads(ofKeyReceiver: number)
        for head in heads {
            let own = parts.attention.columns(ofHead: head).lowerBound
            let shared = parts.attention.keyColumns(ofHead: head).lowerBound
            let isQuery = input == .query
            parts.attention.head.attend(
                isQuery ? changed : attention.q.values + first * qStride + own,
                stride: isQuery ? dHead : qStride, queries: length,
                keys: input == .key ? changed : attention.k.values + first * kvStride + shared,
                stride: input == .key ? dHead : kvStride,
                values: input == .value ? changed : attention.v.values + first * kvStride + shared,
                stride: input == .value ? dHead : kvStride, count: length,
                visible: visible.values + first, period: length, pattern: pattern,
                to: z + own, stride: stride)
        }
    }
}
