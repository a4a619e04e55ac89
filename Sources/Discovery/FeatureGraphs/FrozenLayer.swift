import Engine
import Models

/// One layer of a prompt's frozen pass: what the linearised model holds constant, and what the
/// transcoder reads and replaces.
struct FrozenLayer: Sendable {
    /// The layer.
    let layer: TransformerLayer
    /// Before attention.
    let attentionNorm: FrozenNorm
    /// After attention, where the model has one.
    let postAttentionNorm: FrozenNorm?
    /// Before the MLP.
    let mlpNorm: FrozenNorm
    /// After the MLP, where the model has one.
    let postMLPNorm: FrozenNorm?
    /// Attention patterns, `[query, head, key]`.
    let patterns: FloatBuffer
    /// The stream that the MLP's norm reads, `[position, d_model]`.
    let mlpStream: FloatBuffer
    /// What the transcoder stands for: the activation at its output hook, `[position, d_model]`.
    let output: FloatBuffer

    /// Whether no query sees later keys.
    let isCausal: Bool

    /// Keys whose gradient is one product over the queries that see them.
    private static let keysOfPart = 64

    /// Values of all heads' z at a position.
    var headWidth: Int { layer.attention.headCount * layer.attention.dHead }

    /// The gradient of a layer's input through its attention, added to the gradient at the stream.
    ///
    /// Rows are `[position, target, d_model]`: each target has its own gradient at all positions.
    /// - Parameters:
    ///   - g: the gradient at what follows attention; gets that of the attention's input added.
    ///   - positions: how many, from the first on.
    ///   - first: positions before this one have no gradient yet.
    func addAttentionBackward(
        _ g: UnsafeMutablePointer<Float>, positions: Int, from first: Int, targets: Int,
        workspace: Workspace
    ) {
        let mark = workspace.mark
        let attention = layer.attention
        let (heads, width) = (attention.headCount, attention.dHead)
        let dModel = attentionNorm.norm.width
        let (late, block) = (positions - first, targets * width)
        let length = patterns.count / (mlpStream.count / dModel) / heads
        let lateRows = late * targets
        let dOutput = gradientAtOutput(
            g, positions: positions, from: first, targets: targets, workspace)
        let dz = workspace.take(lateRows * width)
        let dValues = workspace.take(positions * block)
        let dNormalized = workspace.take(positions * targets * dModel)
        let groups = attention.keyValueHeadCount
        // So many rows at a time that the product is the engine's own.
        func inParts(_ rows: Int, _ body: (_ first: Int, _ rows: Int) -> Void) {
            for first in stride(from: 0, to: rows, by: BLAS.mostOwnRows) {
                body(first, min(BLAS.mostOwnRows, rows - first))
            }
        }
        var head = 0
        for group in 0..<groups {
            var keep: Float = 0
            while head < heads, attention.keyNumber(ofHead: head, of: groups) == group {
                let outputWeight = attention.outputWeight(ofHead: head)
                inParts(lateRows) { start, rows in
                    outputWeight.applyTransposed(
                        dOutput + start * dModel, stride: dModel, to: dz + start * width,
                        stride: width, rows: rows)
                }
                for key in stride(from: 0, to: positions, by: Self.keysOfPart) {
                    // Earlier queries don't see these keys.
                    let query = isCausal ? max(first, key) : first
                    BLAS.multiply(
                        patterns.values + (query * heads + head) * length + key,
                        stride: heads * length, dz + (query - first) * block, stride: block,
                        into: dValues + key * block, stride: block,
                        rows: min(Self.keysOfPart, positions - key), columns: block,
                        inner: positions - query, transposeA: true, keep: keep)
                }
                keep = 1
                head += 1
            }
            let valueWeight = attention.values(group, of: groups).weights.weight
            inParts(positions * targets) { start, rows in
                valueWeight.applyTransposed(
                    dValues + start * width, stride: width, to: dNormalized + start * dModel,
                    stride: dModel, rows: rows, keep: group == 0 ? 0 : 1)
            }
        }
        for position in 0..<positions {
            let offset = position * targets * dModel
            attentionNorm.addBackward(
                dNormalized + offset, position: position, rows: targets, to: g + offset)
        }
        workspace.reset(to: mark)
    }

    /// The gradient at the heads' z, `[position, head, d_head]` from position `first` on, of one target.
    /// - Parameter g: the gradient at what follows attention, `[position, d_model]`.
    func headGradients(
        _ g: UnsafePointer<Float>, positions: Int, from first: Int,
        to dz: UnsafeMutablePointer<Float>, workspace: Workspace
    ) {
        let mark = workspace.mark
        let width = headWidth
        let dOutput = gradientAtOutput(
            g, positions: positions, from: first, targets: 1, workspace)
        layer.attention.output.weight.applyTransposed(
            dOutput, stride: attentionNorm.norm.width, to: dz + first * width, stride: width,
            rows: positions - first)
        workspace.reset(to: mark)
    }

    /// The gradient at what attention outputs, before a norm that follows it, from position `first` on.
    private func gradientAtOutput(
        _ g: UnsafePointer<Float>, positions: Int, from first: Int, targets: Int,
        _ workspace: Workspace
    ) -> UnsafePointer<Float> {
        let block = targets * attentionNorm.norm.width
        let late = g + first * block
        guard let postAttentionNorm else { return late }
        let through = workspace.take((positions - first) * block)
        through.update(repeating: 0, count: (positions - first) * block)
        for position in first..<positions {
            let offset = (position - first) * block
            postAttentionNorm.addBackward(
                late + offset, position: position, rows: targets, to: through + offset)
        }
        return UnsafePointer(through)
    }
}
