import Basics
import Engine
import Experiments
import Graphs
import Models

/// The run that is patched, at every point where a receiver reads it, and the copies of its prompts
/// that go on from there with one edge's change.
struct ReceiverInputs: PatchChanges {
    /// Keys and values of the run.
    let known: KnownKeys

    /// What senders would add to the stream in place of what they add.
    private let changes: SenderChanges
    private let edges: [Int]
    private let graph: ComputationalGraph
    private let transformer: Transformer
    private let layout: RowLayout
    /// The stream before each layer that has receivers, and at the end, `[row, d_model]`.
    private let before: [FloatBuffer?]
    /// The stream between attention and MLP of these layers; where both read the same stream, what
    /// attention adds to it.
    private let middle: [FloatBuffer?]
    /// The queries of these layers as they meet the keys, `[row, head, d_head]`.
    private let queries: [FloatBuffer?]
    private let rows: RowPositions

    /// Runs the model on the prompts that are patched.
    /// - Parameter edges: by number in the graph; jobs name them by their index.
    init(_ pairs: PatchedPairs, edges: [Int]) throws(Failure) {
        graph = pairs.experiment.graph
        transformer = pairs.experiment.transformer
        layout = pairs.layout
        self.edges = edges
        let configuration = transformer.configuration
        let nLayers = configuration.nLayers
        let graph = graph
        let layers = Set(
            edges.map { graph.receivers[graph.receiver(ofEdge: $0)].layer ?? nLayers })
        let firstLayer = layers.min() ?? nLayers
        func before(_ layer: Int) -> HookPoint {
            layer == nLayers ? .block(layer - 1, .residualPost) : .block(layer, .residualPre)
        }
        func middle(_ layer: Int) -> HookPoint {
            .block(layer, graph.parallelAttentionMLP ? .attentionOut : .residualMid)
        }
        var points = KnownKeys.points(from: firstLayer, in: configuration)
        for layer in layers {
            points.insert(before(layer))
            if layer < nLayers { points.formUnion([middle(layer), .block(layer, .rotatedQuery)]) }
        }
        let base = try pairs.baseActivations(at: points)
        known = KnownKeys(base, layout: layout, from: firstLayer, in: configuration)
        self.before = (0...nLayers).map { base[before($0)] }
        self.middle = (0..<nLayers).map { base[middle($0)] }
        queries = (0..<nLayers).map { base[.block($0, .rotatedQuery)] }
        changes = SenderChanges(
            from: pairs.base, to: pairs.ablated, graph: graph, transformer: transformer)
        rows = RowPositions(lengths: layout.lengths, in: transformer)
    }

    private func receiver(_ job: PatchJob) -> Receiver {
        graph.receivers[graph.receiver(ofEdge: edges[job.component])]
    }

    private func sender(_ job: PatchJob) -> Int { graph.sender(ofEdge: edges[job.component]) }

    /// The copy of a job's prompt; nil where its edge carries no change.
    func copy(of job: PatchJob) -> Continuation? {
        guard let first = changes.firstChange(of: sender(job), job) else { return nil }
        switch receiver(job) {
        case .logits:
            // The logits are read at the end only.
            guard job.positions.contains(layout.length(job.pair) - 1) else { return nil }
            return Continuation(prompt: job.pair, layer: graph.nLayers, first: first)
        case .mlp(let layer):
            return Continuation(
                prompt: job.pair, layer: layer, entry: .mlp, first: first, edit: .mlpIn)
        case .head(let layer, _, _), .group(let layer, _, _):
            return Continuation(prompt: job.pair, layer: layer, first: first, edit: .z)
        }
    }

    func fill(
        _ job: PatchJob, _ positions: Range<Int>, _ stream: UnsafeMutablePointer<Float>,
        _ workspace: Workspace
    ) {
        switch receiver(job) {
        case .logits:
            copyRows(before[graph.nLayers], job, positions, to: stream)
            changes.add(sender(job), job, to: stream, at: positions, workspace)
        case .mlp(let layer) where graph.parallelAttentionMLP:
            let count = positions.count * graph.dModel
            let mark = workspace.mark
            let attention = workspace.take(count)
            copyRows(before[layer], job, positions, to: stream)
            copyRows(middle[layer], job, positions, to: attention)
            stream.add(attention, count: count)
            workspace.reset(to: mark)
        case .mlp(let layer):
            copyRows(middle[layer], job, positions, to: stream)
        case .head(let layer, _, _), .group(let layer, _, _):
            copyRows(before[layer], job, positions, to: stream)
        }
    }

    func edit(_ job: PatchJob, _ edited: EditedRows, _ workspace: Workspace) {
        let mark = workspace.mark
        switch receiver(job) {
        case .logits: break
        case .mlp(let layer):
            let read = graph.parallelAttentionMLP ? before[layer] : middle[layer]
            copyRows(read, job, edited.positions, to: edited.values)
            changes.add(sender(job), job, to: edited.values, at: edited.positions, workspace)
            transformer.layers[layer].mlpNorm.apply(
                edited.values, to: edited.values, rows: edited.positions.count)
        case .head(let layer, let head, let input):
            let number = input == .query ? head : graph.keyReceiver(ofHead: head)
            attend(job, layer, input, number, to: edited, workspace)
        case .group(let layer, let group, let input):
            attend(job, layer, input, group, to: edited, workspace)
        }
        workspace.reset(to: mark)
    }

    /// Copies some positions of a job's prompt from `[row, width]`, without gaps.
    private func copyRows(
        _ source: FloatBuffer?, _ job: PatchJob, _ positions: Range<Int>,
        to target: UnsafeMutablePointer<Float>
    ) {
        guard let source else { return }
        let width = source.count / layout.rowCount
        target.update(
            from: source.values + (layout.starts[job.pair] + positions.lowerBound) * width,
            count: positions.count * width)
    }

    /// Computes the heads that read one input of attention again, with an edge's change in it, and
    /// writes what they read out to z, `[position, head, d_head]`.
    private func attend(
        _ job: PatchJob, _ layer: Int, _ input: AttentionInput, _ number: Int,
        to z: EditedRows, _ workspace: Workspace
    ) {
        guard let queries = queries[layer] else { return }
        let dHead = transformer.configuration.dHead
        let attention = transformer.layers[layer].attention
        let (first, length) = (layout.starts[job.pair], layout.length(job.pair))
        let (qStride, kvStride) = (
            attention.headCount * dHead, attention.keyValueHeadCount * dHead
        )
        let q = queries.values + (first + z.positions.lowerBound) * qStride
        let k = known.keys(ofLayer: layer).values + first * kvStride
        let v = known.values(ofLayer: layer).values + first * kvStride

        // All keys and values of the prompt, or the queries of the positions that are read.
        let positions = input == .query ? z.positions : 0..<length
        let changed = workspace.take(positions.count * dHead)
        project(job, layer, input, number, to: changed, at: positions, workspace)

        let pattern = workspace.take(z.positions.count * length)
        let heads = input == .query ? number..<number + 1 : graph.heads(ofKeyReceiver: number)
        for head in heads {
            let own = attention.columns(ofHead: head).lowerBound
            let shared = attention.keyColumns(ofHead: head).lowerBound
            attention.head.attend(
                input == .query ? changed : q + own, stride: input == .query ? dHead : qStride,
                queries: z.positions.count, keys: input == .key ? changed : k + shared,
                stride: input == .key ? dHead : kvStride,
                values: input == .value ? changed : v + shared,
                stride: input == .value ? dHead : kvStride, count: length,
                visible: rows.visibleKeys.values + first + z.positions.lowerBound,
                period: z.positions.count, pattern: pattern, to: z.values + own, stride: z.stride)
        }
    }

    /// Computes a head's queries, keys or values at some positions with an edge's change in its input,
    /// `[position, d_head]`.
    private func project(
        _ job: PatchJob, _ layer: Int, _ input: AttentionInput, _ number: Int,
        to y: UnsafeMutablePointer<Float>, at positions: Range<Int>, _ workspace: Workspace
    ) {
        let mark = workspace.mark
        let parts = transformer.layers[layer]
        let x = workspace.take(positions.count * graph.dModel)
        copyRows(before[layer], job, positions, to: x)
        changes.add(sender(job), job, to: x, at: positions, workspace)
        parts.attentionNorm.apply(x, to: x, rows: positions.count)
        let projection = parts.attention.projection(
            to: input, number: number, of: graph.keyReceiverCount)
        projection.apply(x, to: y, rows: positions.count, workspace: workspace)
        projection.rotate(
            y, rows: positions.count,
            positions: rows.positions.values + layout.starts[job.pair] + positions.lowerBound,
            period: positions.count)
        workspace.reset(to: mark)
    }
}
