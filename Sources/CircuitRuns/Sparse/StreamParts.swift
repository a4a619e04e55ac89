package import Engine
package import Graphs
import Models

/// A row of the residual stream as parts to which senders' outputs can be added: `[part, d_model]`.
///
/// Without a norm after attention there is one part, the stream itself. With one (Gemma 2) the first part
/// is the sum of the input and the MLPs, and each layer's heads before the point have a part, their sum
/// before the norm: stream = first + norm_0(part of layer 0) + norm_1(part of layer 1) + ...
/// `join` computes that.
package struct StreamParts: Sendable {
    /// The values of one part of a row.
    package let dModel: Int
    private let norms: [Normalizer]

    /// The parts of a model's stream: one, or with norms after attention one more for each layer.
    package init(_ transformer: Transformer) {
        dModel = transformer.configuration.dModel
        norms = transformer.layers.compactMap(\.postAttentionNorm)
        precondition(norms.isEmpty || norms.count == transformer.layers.count)
    }

    /// Whether there is but one part everywhere.
    package var isSingle: Bool { norms.isEmpty }

    /// The values of a row at a point of the stream, as `ResidualStreams` counts points.
    package func width(at point: Int) -> Int { (1 + partCount(before: point)) * dModel }

    /// Where in a row the outputs of a layer's heads are added.
    package func offset(ofHeadsIn layer: Int) -> Int { isSingle ? 0 : (1 + layer) * dModel }

    /// How many layers' heads have parts of their own at a point.
    package func partCount(before point: Int) -> Int { isSingle ? 0 : (point + 1) / 2 }

    /// The senders that each part of a receiver's input is the sum of.
    func senders(ofPartsOf receiver: Int, in graph: ComputationalGraph) -> [[Int]] {
        let senders = 0..<graph.senderCount(of: receiver)
        if isSingle { return [Array(senders)] }
        var parts = [[Int]](
            repeating: [],
            count: 1
                + partCount(
                    before: ResidualStreams.point(of: graph.receivers[receiver], in: graph)))
        for sender in senders {
            if case .head(let layer, _) = graph.senders[sender] {
                parts[1 + layer].append(sender)
            } else {
                parts[0].append(sender)
            }
        }
        return parts
    }

    /// The parts of a receiver's input of whose senders it keeps none, and at which rows. There they are
    /// the ablated ones: differences would leave a rounding error, which norms amplify.
    package func ablatedParts(
        _ edges: InputEdges, into receiver: Int, in graph: ComputationalGraph
    ) -> [(part: Int, rows: RowChoice)] {
        senders(ofPartsOf: receiver, in: graph).enumerated().compactMap { part, senders in
            edges.rowsWithoutAny(of: senders).map { (part, $0) }
        }
    }

    /// Joins the parts of rows, in place: `[row, part, d_model]` becomes `[row, d_model]`.
    package func join(_ x: UnsafeMutablePointer<Float>, rows: Int, at point: Int) {
        if isSingle { return }
        let width = width(at: point)
        for row in 0..<rows {
            let first = x + row * width
            for layer in 0..<partCount(before: point) {
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
