import Engine
import Models

/// How a change of what MLPs output, or of the stream, goes through the linearised model to the stream: the forward pass
/// whose transpose `LinearBackward` is.
struct LinearPass {
    let run: FrozenRun
    let set: TranscoderSet

    /// Propagates changes.
    /// - Parameters:
    ///   - written: changes at the layers' output hooks, `[layer][position, d_model]`; nil is none.
    ///   - embeddings: the change of the embeddings, `[position, d_model]`, if there is one.
    ///   - added: what is added at hooks of layers besides, `[position, d_model]`; see `takes`.
    ///   - heads: gets the change of all heads' z of each layer, `[position, head, d_head]`.
    ///   - read: gets the change of the stream that each layer's MLP reads, `[position, d_model]`.
    /// - Returns: the change of the final stream, `[position, d_model]`.
    func propagate(
        _ written: [FloatBuffer?], embeddings: FloatBuffer? = nil,
        added: [HookPoint: FloatBuffer] = [:],
        heads: (Int, UnsafePointer<Float>) -> Void = { _, _ in },
        read: (Int, UnsafePointer<Float>) -> Void = { _, _ in }
    ) -> FloatBuffer {
        let size = run.length * run.dModel
        let stream = FloatBuffer(zeros: size)
        if let embeddings { stream.values.update(from: embeddings.values, count: size) }
        let workspace = Workspace()
        func add(_ point: HookPoint.BlockPoint, _ layer: Int, to x: UnsafeMutablePointer<Float>) {
            if let change = added[.block(layer, point)] { x.add(change.values, count: size) }
        }
        for (index, frozen) in run.layers.enumerated() {
            let mark = workspace.mark
            add(.residualPre, index, to: stream.values)
            let attended = workspace.take(size)
            attend(frozen, stream.values, to: attended, workspace) { heads(index, $0) }
            add(.attentionOut, index, to: attended)
            if run.isParallel {
                read(index, stream.values)
            } else {
                stream.values.add(attended, count: size)
                add(.residualMid, index, to: stream.values)
                read(index, stream.values)
            }
            let output = workspace.take(size)
            if let own = written[index] {
                output.update(from: own.values, count: size)
            } else {
                output.update(repeating: 0, count: size)
            }
            addSkip(index, frozen, stream.values, to: output, workspace)
            if run.isParallel { stream.values.add(attended, count: size) }
            if set.outputHook == .mlpModule, let norm = frozen.postMLPNorm {
                applyAtEachPosition(norm, output, to: output, workspace)
            }
            add(.mlpOut, index, to: output)
            stream.values.add(output, count: size)
            add(.residualPost, index, to: stream.values)
            workspace.reset(to: mark)
        }
        return stream
    }

    /// Whether `propagate` takes what is added at a point: the stream of a layer, or what it adds to it.
    static func takes(_ point: HookPoint) -> Bool {
        switch point {
        case .block(_, .residualPre), .block(_, .attentionOut), .block(_, .residualMid),
            .block(_, .mlpOut), .block(_, .residualPost):
            true
        default: false
        }
    }

    private func attend(
        _ frozen: FrozenLayer, _ dx: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>,
        _ workspace: Workspace, heads report: (UnsafePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let (length, dModel, attention) = (run.length, run.dModel, frozen.layer.attention)
        let (heads, width) = (attention.headCount, attention.dHead)
        let normalized = workspace.take(length * dModel)
        applyAtEachPosition(frozen.attentionNorm, dx, to: normalized, workspace)
        let values = workspace.take(length * width)
        let z = workspace.take(length * heads * width)
        for head in 0..<heads {
            let group = attention.keyNumber(ofHead: head, of: attention.keyValueHeadCount)
            attention.values(group, of: attention.keyValueHeadCount).weights.weight.apply(
                normalized, stride: dModel, to: values, stride: width, rows: length)
            BLAS.multiply(
                frozen.patterns.values + head * length, stride: heads * length, values,
                stride: width, into: z + head * width, stride: heads * width, rows: length,
                columns: width, inner: length)
        }
        report(z)
        attention.output.weight.apply(
            z, stride: heads * width, to: result, stride: dModel, rows: length)
        if let norm = frozen.postAttentionNorm {
            applyAtEachPosition(norm, result, to: result, workspace)
        }
        workspace.reset(to: mark)
    }

    private func addSkip(
        _ index: Int, _ frozen: FrozenLayer, _ stream: UnsafePointer<Float>,
        to output: UnsafeMutablePointer<Float>, _ workspace: Workspace
    ) {
        guard let skip = set.layers[index].skip else { return }
        let mark = workspace.mark
        let (length, dModel) = (run.length, run.dModel)
        let read = workspace.take(length * dModel)
        changeOfRead(frozen, stream, to: read, workspace)
        skip.apply(read, stride: dModel, to: output, stride: dModel, rows: length, keep: 1)
        workspace.reset(to: mark)
    }

    /// The change of what a layer's encoder reads where the stream changes by dx.
    func changeOfRead(
        _ frozen: FrozenLayer, _ dx: UnsafePointer<Float>, to dy: UnsafeMutablePointer<Float>,
        _ workspace: Workspace
    ) {
        switch set.inputHook {
        case .residualMid: dy.update(from: dx, count: run.length * run.dModel)
        case .normalized:
            applyAtEachPosition(frozen.mlpNorm, dx, to: dy, usingGain: false, workspace)
        case .mlpIn: applyAtEachPosition(frozen.mlpNorm, dx, to: dy, workspace)
        }
    }

    private func applyAtEachPosition(
        _ norm: FrozenNorm, _ dx: UnsafePointer<Float>, to dy: UnsafeMutablePointer<Float>,
        usingGain: Bool = true, _ workspace: Workspace
    ) {
        for position in 0..<run.length {
            let offset = position * run.dModel
            norm.apply(
                dx + offset, position: position, usingGain: usingGain, to: dy + offset)
        }
    }
}
