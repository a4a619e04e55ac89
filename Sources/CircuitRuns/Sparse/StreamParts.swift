package import Engine
package import Graphs
import Models

/// The parts in which a row of the residual stream is kept, so that every sender's output is a sum
/// with the rest: `[part, d_model]`. The first is what is just added. Where a model normalises what
/// the heads of a layer put out together (Gemma 2), the sum of each layer before the place is a part
/// of its own, and `join` makes the stream that a receiver reads. Elsewhere the first part is all.
package struct StreamParts: Sendable {
    package let dModel: Int
    private let norms: [Normalizer]

    package init(_ transformer: Transformer) {
        dModel = transformer.configuration.dModel
        norms = transformer.layers.compactMap(\.postAttentionNorm)
        precondition(norms.isEmpty || norms.count == transformer.layers.count)
    }

    /// Whether there is but one part everywhere.
    package var isSingle: Bool { norms.isEmpty }

    /// The values of a row at a place of the stream, as `ResidualStreams` counts places.
    package func width(at place: Int) -> Int { (1 + partCount(before: place)) * dModel }

    /// Where in a row what a layer's heads put out is added.
    package func offset(ofHeadsIn layer: Int) -> Int { isSingle ? 0 : (1 + layer) * dModel }

    /// How many layers' heads have parts of their own at a place.
    package func partCount(before place: Int) -> Int { isSingle ? 0 : (place + 1) / 2 }

    /// The layers before a receiver of whose heads it keeps none. Their part of its input is the
    /// ablated one, and a norm would make much of what rounding leaves in the place of nothing.
    package func layersWithout(
        _ keptSenders: @autoclosure () -> [Int], before receiver: Int, in graph: ComputationalGraph
    ) -> [Int] {
        if isSingle { return [] }
        var isAblated = [Bool](
            repeating: true,
            count: partCount(
                before: ResidualStreams.place(of: graph.receivers[receiver], in: graph)))
        for sender in keptSenders() {
            if case .head(let layer, _) = graph.senders[sender] { isAblated[layer] = false }
        }
        return isAblated.indices.filter { isAblated[$0] }
    }

    /// Joins the parts of rows, in place: `[row, part, d_model]` becomes `[row, d_model]`.
    package func join(_ x: UnsafeMutablePointer<Float>, rows: Int, at place: Int) {
        if isSingle { return }
        let width = width(at: place)
        for row in 0..<rows {
            let first = x + row * width
            for layer in 0..<partCount(before: place) {
                let part = first + (1 + layer) * dModel
                norms[layer].apply(part, to: part, rows: 1)
                first.add(part, count: dModel)
            }
            // Forwards, to where rows that were read lay.
            (x + row * dModel).update(from: first, count: dModel)
        }
    }

    /// Adds rows `[row, d_model]`, times `scale`, to the first parts of rows of `width` values.
    package func add(
        _ values: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>, width: Int, rows: Int,
        scale: Float = 1
    ) {
        guard width != dModel else {
            if scale == 1 {
                x.add(values, count: rows * dModel)
            } else {
                x.add(values, times: scale, count: rows * dModel)
            }
            return
        }
        for row in 0..<rows {
            (x + row * width).add(values + row * dModel, times: scale, count: dModel)
        }
    }
}
