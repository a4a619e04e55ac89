internal import CKernels
internal import Engine
internal import Models

extension SenderOutputs {
    /// The same outputs with heads scaled so that the output projection makes of them what they add to
    /// the stream. That differs only where a model normalises the sum of a layer's heads (Gemma 2):
    /// there it is the scale of that sum in this run, the gain left out.
    func contributions(_ transformer: Transformer) -> SenderOutputs {
        let dModel = transformer.configuration.dModel
        let width = transformer.configuration.nHeads * transformer.configuration.dHead
        let scaled = zip(transformer.layers, z).map { layer, z in
            guard let norm = layer.postAttentionNorm else { return z }
            let rows = layout.rowCount
            let sum = FloatBuffer(count: rows * dModel)
            layer.attention.output.apply(
                z.values, stride: width, to: sum.values, stride: dModel, rows: rows)
            let scales = FloatBuffer(count: rows)
            norm.apply(
                sum.values, to: sum.values, rows: rows, inverseScale: scales.values)
            let result = FloatBuffer(count: z.count)
            result.values.update(from: z.values, count: z.count)
            for row in 0..<rows {
                ckernels_scale(result.values + row * width, scales.values[row], width)
            }
            return result
        }
        return SenderOutputs(layout: layout, input: input, z: scaled, mlp: mlp)
    }
}

/// What each sender would add to the residual stream in place of what it adds.
struct SenderChanges: Sendable {
    private let changes: SenderOutputs
    private let graph: ComputationalGraph
    private let transformer: Transformer

    /// The changes from the outputs of one run to those that take their place.
    init(
        from base: SenderOutputs, to source: SenderOutputs, ablation: Ablation,
        constants: SenderConstants?, graph: ComputationalGraph, transformer: Transformer
    ) throws(CircuitError) {
        let old = base.contributions(transformer)
        let new = try ablation.outputs(
            clean: old, corrupted: source.contributions(transformer), constants: constants)
        changes = new.subtracting(old)
        self.graph = graph
        self.transformer = transformer
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
        let (values, stride, width) = rows(of: sender)
        let source = values + (changes.layout.starts[job.pair] + positions.lowerBound) * stride
        let target = stream + (positions.lowerBound - first) * dModel
        guard case .head(let layer, let head) = graph.senders[sender] else {
            ckernels_add(target, source, positions.count * dModel)
            return
        }
        let parts = transformer.layers[layer]
        let weight = parts.attention.output.weight.inputs(head * width..<(head + 1) * width)
        guard let gain = parts.postAttentionNorm?.weights.gain else {
            weight.apply(
                source, stride: stride, to: target, stride: dModel, rows: positions.count, keep: 1)
            return
        }
        let projected = FloatBuffer(count: positions.count * dModel)
        weight.apply(
            source, stride: stride, to: projected.values, stride: dModel, rows: positions.count)
        for row in 0..<positions.count {
            for column in 0..<dModel {
                target[row * dModel + column] +=
                    projected.values[row * dModel + column] * gain.values[column]
            }
        }
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
