import Models

/// The attention of a layer's heads over the prompts of a batch, from rotated queries and keys to
/// z, and back. What it reads and leaves is a `LayerTape`'s.
struct BatchAttention {
    private let transformer: Transformer
    private let layout: RowLayout
    private let positions: Buffer<Int32>
    private let visible: Buffer<Int32>

    private var heads: Int { transformer.configuration.nHeads }
    private var width: Int { transformer.configuration.dHead }

    init(_ transformer: Transformer, _ layout: RowLayout) {
        self.transformer = transformer
        self.layout = layout
        let lengths = (0..<layout.promptCount).map(layout.length)
        positions = Buffer(lengths.flatMap { 0..<Int32($0) })
        visible = Buffer(
            lengths.flatMap { length in
                (0..<length).map {
                    Int32(transformer.visibleKeys(atPosition: $0, length: length))
                }
            })
    }

    /// Rotates `[row, head * d_head]` by the rows' positions, or back.
    func rotate(_ x: UnsafeMutablePointer<Float>, heads: Int, inverse: Bool = false) {
        transformer.rotation?.apply(
            to: x, rows: layout.rowCount, stride: heads * width, heads: heads, headWidth: width,
            positions: positions.values, period: layout.rowCount, inverse: inverse)
    }

    /// z `[row, head * d_head]` of all heads, and their patterns.
    /// - Parameter keyHeads: how many heads the tape's keys and values have.
    func forward(
        _ head: AttentionHead, _ tape: LayerTape, keyHeads: Int, to z: UnsafeMutablePointer<Float>
    ) {
        let (qWidth, kvWidth) = (heads * width, keyHeads * width)
        var pattern = tape.patterns
        for prompt in 0..<layout.promptCount {
            let first = layout.starts[prompt]
            let length = layout.length(prompt)
            for index in 0..<heads {
                let query = first * qWidth + index * width
                let key = first * kvWidth + index * keyHeads / heads * width
                head.attend(
                    tape.queries + query, stride: qWidth, queries: length, keys: tape.keys + key,
                    stride: kvWidth, values: tape.values + key, stride: kvWidth, count: length,
                    visible: visible.values + first, period: length, pattern: pattern,
                    to: z + query, stride: qWidth)
                pattern += length * length
            }
        }
    }

    /// The gradients of rotated queries, keys and values from that of z.
    /// - Parameters:
    ///   - keyHeads: how many heads the tape's keys and values have.
    ///   - gradientHeads: how many `dk` and `dv` have: more, where heads that share keys get a
    ///     gradient each.
    func backward(
        _ head: AttentionHead, _ tape: LayerTape, keyHeads: Int, dz: UnsafePointer<Float>,
        dq: UnsafeMutablePointer<Float>, dk: UnsafeMutablePointer<Float>,
        dv: UnsafeMutablePointer<Float>, gradientHeads: Int, workspace: inout Workspace
    ) {
        let mark = workspace.mark
        let (qWidth, kvWidth) = (heads * width, keyHeads * width)
        let gradientWidth = gradientHeads * width
        let scratch = workspace.take(
            (head.softCap > 0 ? 2 : 1) * layout.longest * layout.longest)
        var pattern = tape.patterns
        for prompt in 0..<layout.promptCount {
            let first = layout.starts[prompt]
            let length = layout.length(prompt)
            for index in 0..<heads {
                let query = first * qWidth + index * width
                let key = first * kvWidth + index * keyHeads / heads * width
                let target = index * gradientHeads / heads
                let isFirstOfGroup = index == 0 || (index - 1) * gradientHeads / heads != target
                let gradient = first * gradientWidth + target * width
                head.applyBackward(
                    dz + query, queries: tape.queries + query, dq: dq + query,
                    queryStride: qWidth, keys: tape.keys + key, values: tape.values + key,
                    keyStride: kvWidth, dk: dk + gradient, dv: dv + gradient,
                    gradientStride: gradientWidth, keep: isFirstOfGroup ? 0 : 1,
                    pattern: pattern, count: length, scratch: scratch)
                pattern += length * length
            }
        }
        workspace.reset(to: mark)
    }
}
