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

    /// Whether anything changes at these positions of a prompt.
    func isZero(_ sender: Int, _ job: PatchJob) -> Bool {
        let (values, stride, width) = rows(of: sender)
        return job.positions.allSatisfy { position in
            let row = values + (changes.layout.starts[job.pair] + position) * stride
            return (0..<width).allSatisfy { row[$0] == 0 }
        }
    }

    /// Adds a sender's change at the job's positions to a prompt's stream `[position, d_model]`,
    /// whose first row is that of `first`.
    func add(
        _ sender: Int, _ job: PatchJob, to stream: UnsafeMutablePointer<Float>, from first: Int = 0
    ) {
        let dModel = transformer.configuration.dModel
        let positions = job.positions.clamped(to: first..<max(first, job.positions.upperBound))
        guard !positions.isEmpty else { return }
        let (values, stride, _) = rows(of: sender)
        let source = values + (changes.layout.starts[job.pair] + positions.lowerBound) * stride
        let target = stream + (positions.lowerBound - first) * dModel
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
        let changed = FloatBuffer(count: count)
        changed.values.update(from: whole.sum.values + offset, count: count)
        weight.apply(
            source, stride: stride, to: changed.values, stride: dModel, rows: positions.count,
            keep: 1)
        norm.apply(changed.values, to: changed.values, rows: positions.count)
        changed.values.subtract(whole.normalized.values + offset, count: count)
        target.add(changed.values, count: count)
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
