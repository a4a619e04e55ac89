import Artifacts
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Models

/// Patching as it is defined: every patch in a forward pass of its own over whole prompts.
struct WholePassTwin {
    let transformer: Transformer
    let metric: BoundMetric
    /// The prompts of the run that is patched, and of the other.
    let base: [[Int32]]
    let other: [[Int32]]
    let layout: RowLayout
    let baseMetric: [Double]

    init(_ pairs: PatchedPairs) {
        transformer = pairs.experiment.transformer
        metric = pairs.experiment.metric
        let dataset = pairs.experiment.dataset
        let isNoising = pairs.direction == .noising
        base = isNoising ? dataset.clean.ids : dataset.corrupted.ids
        other = isNoising ? dataset.corrupted.ids : dataset.clean.ids
        layout = RowLayout(lengths: dataset.lengths)
        baseMetric = pairs.baseMetric
    }

    /// The effects of patching a component at a position, or at all of them, `[pair]`; NaN where a
    /// pair doesn't have the position.
    func effects(of component: PatchComponent, at position: Int?) throws -> [Float] {
        let recorded = try transformer.record([component.point], of: other).activations
        guard let source = recorded[component.point] else { return [] }
        let layout = layout
        let hooks = ForwardHooks(at: [component.point]) { _, block in
            let width = block.width / component.partCount
            for row in block.rows {
                let prompt = (0..<layout.promptCount).first { layout.rows($0).contains(row) } ?? 0
                if let position, row - layout.starts[prompt] != position { continue }
                (block.values + (row - block.rows.lowerBound) * block.width
                    + component.part * width).update(
                        from: source.values + row * block.width + component.part * width,
                        count: width)
            }
        }
        return try effects(hooks, at: position)
    }

    /// The effects of what hooks do, `[pair]`.
    func effects(_ hooks: ForwardHooks, at position: Int?) throws -> [Float] {
        let values = metric.values(logits: try transformer.logits(of: base, hooks: hooks))
        return values.indices.map { pair in
            let has = position.map { $0 < layout.length(pair) } ?? true
            return has ? Float(values[pair] - baseMetric[pair]) : .nan
        }
    }
}

extension WholePassTwin {
    /// The effects of patching an edge at a position, `[pair]`, in a model without norms after
    /// attention: the receiver's input is projected again, with what the sender sends in it.
    func effects(of edge: Int, in pairs: PatchedPairs, at position: Int) throws -> [Float] {
        let graph = pairs.experiment.graph
        let dModel = graph.dModel
        let receiver = graph.receivers[graph.receiver(ofEdge: edge)]
        let change = change(of: graph.senders[graph.sender(ofEdge: edge)], pairs)
        let read: HookPoint
        let written: HookPoint
        switch receiver {
        case .logits:
            read = .block(graph.nLayers - 1, .residualPost)
            written = read
        case .mlp(let layer):
            read = .block(layer, graph.parallelAttentionMLP ? .residualPre : .residualMid)
            written = .block(layer, .mlpIn)
        case .head(let layer, _, let input), .group(let layer, _, let input):
            read = .block(layer, .residualPre)
            written = .block(
                layer, input == .query ? .query : input == .key ? .key : .value)
        }
        guard let stream = try transformer.record([read], of: base).activations[read] else {
            return []
        }
        let (layout, transformer) = (layout, transformer)
        let hooks = ForwardHooks(at: [written]) { _, block in
            for pair in block.prompts where position < layout.length(pair) {
                let row = layout.starts[pair] + position
                let input = FloatBuffer(count: dModel)
                input.values.update(from: stream.values + row * dModel, count: dModel)
                input.values.add(change.values + row * dModel, count: dModel)
                let target = block.values + (row - block.rows.lowerBound) * block.width
                switch receiver {
                case .logits: target.update(from: input.values, count: dModel)
                case .mlp(let layer):
                    transformer.layers[layer].mlpNorm.apply(input.values, to: target, rows: 1)
                case .head(let layer, let number, let kind),
                    .group(let layer, let number, let kind):
                    let parts = transformer.layers[layer]
                    parts.attentionNorm.apply(input.values, to: input.values, rows: 1)
                    let projection = parts.attention.projection(
                        to: kind, number: number, of: graph.keyReceiverCount)
                    projection.weights.apply(
                        input.values, stride: dModel, to: target + number * parts.attention.dHead,
                        stride: block.width, rows: 1)
                }
            }
        }
        return try effects(hooks, at: position)
    }

    /// What a sender would add to the stream besides what it adds, `[row, d_model]`.
    private func change(of sender: Node, _ pairs: PatchedPairs) -> FloatBuffer {
        let experiment = pairs.experiment
        let isNoising = pairs.direction == .noising
        let (from, to) =
            isNoising
            ? (experiment.clean, experiment.corrupted) : (experiment.corrupted, experiment.clean)
        switch sender {
        case .input, .logits: return FloatBuffer(to.input, minus: from.input)
        case .mlp(let layer): return FloatBuffer(to.mlp[layer], minus: from.mlp[layer])
        case .head(let layer, let head):
            let attention = transformer.layers[layer].attention
            let z = FloatBuffer(to.z[layer], minus: from.z[layer])
            let result = FloatBuffer(count: layout.rowCount * transformer.configuration.dModel)
            attention.applyOutput(
                ofHead: head, z.values, to: result.values,
                stride: transformer.configuration.dModel, rows: layout.rowCount)
            return result
        }
    }
}
