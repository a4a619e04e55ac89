import Engine
import Experiments
import Graphs
import Models

/// What each sender would add to the residual stream in place of what it adds.
struct SenderChanges: Sendable {
    private let changes: SenderOutputs
    private let graph: ComputationalGraph
    private let transformer: Transformer
    /// The sum of what the heads of a layer output in the run that is patched, `[row, d_model]`, where
    /// that is normalised before it joins the stream; nil elsewhere.
    private let attention: [(sum: FloatBuffer, normalized: FloatBuffer)?]

    /// The changes from the outputs of one run to those that take their place.
    init(
        from base: SenderOutputs, to ablated: SenderOutputs, graph: ComputationalGraph,
        transformer: Transformer
    ) {
        changes = ablated.subtracting(base)
        self.graph = graph
        self.transformer = transformer
        let dModel = graph.dModel
        let width = graph.nHeads * transformer.configuration.dHead
        let rows = base.layout.rowCount
        attention = zip(transformer.layers, base.z).map { layer, z in
            guard let norm = layer.postAttentionNorm else { return nil }
            let sum = FloatBuffer(count: rows * dModel)
            layer.attention.output.apply(
                z.values, stride: width, to: sum.values, stride: dModel, rows: rows)
            let normalized = FloatBuffer(count: sum.count)
            norm.apply(sum.values, to: normalized.values, rows: rows)
            return (sum, normalized)
        }
    }

    /// The first of a job's positions where a sender's output changes; nil where none does.
    func firstChange(of sender: Int, _ job: PatchJob) -> Int? {
        let (values, stride, width) = rows(of: sender)
        return job.positions.first { position in
            let row = values + (changes.layout.starts[job.pair] + position) * stride
            return (0..<width).contains { row[$0] != 0 }
        }
    }

    /// Adds a sender's change, as far as the job is at some positions, to the stream there,
    /// `[position, d_model]`.
    func add(
        _ sender: Int, _ job: PatchJob, to stream: UnsafeMutablePointer<Float>,
        at rows: Range<Int>, _ workspace: Workspace
    ) {
        let dModel = transformer.configuration.dModel
        let positions = job.positions.clamped(to: rows)
        guard !positions.isEmpty else { return }
        let (values, stride, _) = self.rows(of: sender)
        let source = values + (changes.layout.starts[job.pair] + positions.lowerBound) * stride
        let target = stream + (positions.lowerBound - rows.lowerBound) * dModel
        guard case .head(let layer, let head) = graph.senders[sender] else {
            target.add(source, count: positions.count * dModel)
            return
        }
        let weight = transformer.layers[layer].attention.outputWeight(ofHead: head)
        guard let norm = transformer.layers[layer].postAttentionNorm, let whole = attention[layer]
        else {
            weight.apply(
                source, stride: stride, to: target, stride: dModel, rows: positions.count, keep: 1)
            return
        }
        // The sum of the layer's heads is normalised with the change in it.
        let count = positions.count * dModel
        let offset = (changes.layout.starts[job.pair] + positions.lowerBound) * dModel
        let mark = workspace.mark
        let changed = workspace.take(count)
        changed.update(from: whole.sum.values + offset, count: count)
        weight.apply(
            source, stride: stride, to: changed, stride: dModel, rows: positions.count,
            keep: 1)
        norm.apply(changed, to: changed, rows: positions.count)
        changed.subtract(whole.normalized.values + offset, count: count)
        target.add(changed, count: count)
        workspace.reset(to: mark)
    }

    /// A sender's compact rows, how far they lie apart, and their width.
    private func rows(
        of sender: Int
    ) -> (values: UnsafeMutablePointer<Float>, stride: Int, width: Int) {
        let configuration = transformer.configuration
        switch graph.senders[sender] {
        case .head(let layer, let head):
            let width = configuration.dHead
            return (changes.z[layer].values + head * width, configuration.nHeads * width, width)
        case .mlp(let layer):
            return (changes.mlp[layer].values, configuration.dModel, configuration.dModel)
        case .input, .logits:
            return (changes.input.values, configuration.dModel, configuration.dModel)
        }
    }
}
