internal import CKernels
internal import Engine
internal import Models

/// The parts in which a row of the residual stream is kept, so that every sender's output is a sum
/// with the rest: `[part, d_model]`. The first is what is just added. Where a model normalises what
/// the heads of a layer put out together (Gemma 2), the sum of each layer before the place is a part
/// of its own, and `join` makes the stream that a receiver reads. Elsewhere the first part is all.
struct StreamParts: Sendable {
    let dModel: Int
    private let norms: [Normalizer]

    init(_ transformer: Transformer) {
        dModel = transformer.configuration.dModel
        norms = transformer.layers.compactMap(\.postAttentionNorm)
    }

    /// Whether there is but one part everywhere.
    var isWhole: Bool { norms.isEmpty }

    /// The values of a row at a place of the stream, as `ResidualStreams` counts places.
    func width(at place: Int) -> Int { (1 + partCount(before: place)) * dModel }

    /// Where in a row what a layer's heads put out is added.
    func offset(ofHeadsIn layer: Int) -> Int { isWhole ? 0 : (1 + layer) * dModel }

    private func partCount(before place: Int) -> Int { isWhole ? 0 : (place + 1) / 2 }

    /// The layers whose heads' part in a receiver's input has nothing of the senders that are there:
    /// none of the layer's heads, of those before the receiver. Such a part is the ablated one, and
    /// a norm would make much of what rounding leaves in the place of nothing.
    func layersWithout(
        _ present: @autoclosure () -> [Int], before receiver: Int, in graph: ComputationalGraph
    ) -> [Int] {
        if isWhole { return [] }
        var isAblated = [Bool](
            repeating: true,
            count: partCount(
                before: ResidualStreams.place(of: graph.receivers[receiver], in: graph)))
        for sender in present() {
            if case .head(let layer, _) = graph.senders[sender] { isAblated[layer] = false }
        }
        return isAblated.indices.filter { isAblated[$0] }
    }

    /// Where the part of a layer's heads lies in a row.
    func columns(ofHeadsIn layer: Int) -> Range<Int> {
        let first = offset(ofHeadsIn: layer)
        return first..<first + dModel
    }

    /// Joins the parts of rows, in place: `[row, part, d_model]` becomes `[row, d_model]`.
    func join(_ x: UnsafeMutablePointer<Float>, rows: Int, at place: Int) {
        if isWhole { return }
        let width = width(at: place)
        for row in 0..<rows {
            let first = x + row * width
            for layer in 0..<partCount(before: place) {
                let part = first + (1 + layer) * dModel
                norms[layer].apply(part, to: part, rows: 1)
                ckernels_add(first, part, dModel)
            }
            // Forwards, to where rows that were read lay.
            (x + row * dModel).update(from: first, count: dModel)
        }
    }

    /// Adds rows `[row, d_model]`, times `scale`, to the first parts of rows of `width` values.
    func add(
        _ values: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>, width: Int, rows: Int,
        scale: Float = 1
    ) {
        guard width != dModel else {
            if scale == 1 {
                ckernels_add(x, values, rows * dModel)
            } else {
                ckernels_add_scaled(x, values, scale, rows * dModel)
            }
            return
        }
        for row in 0..<rows {
            ckernels_add_scaled(x + row * width, values + row * dModel, scale, dModel)
        }
    }
}
