internal import CKernels
internal import Engine
internal import Models

/// The residual stream at each place where it is read, as the sum of what senders put out.
///
/// There are 2 * nLayers + 1 places: before each layer, between its attention and MLP, and at the
/// end. Those asked for are summed up from the nearest of every eighth before, which are kept until
/// an earlier one is asked for. One thread asks.
final class ResidualStreams {
    private static let spacing = 8

    private let outputs: SenderOutputs
    private let transformer: Transformer
    private let parts: StreamParts
    /// The streams at places 0, 8, 16 ... as far as they were needed, `[row, part, d_model]`.
    private var milestones: [FloatBuffer]
    /// The stream that was asked for last.
    private var latest: (place: Int, stream: FloatBuffer)

    /// The streams made of these outputs and the biases of the attention projections.
    init(_ outputs: SenderOutputs, transformer: Transformer) {
        self.outputs = outputs
        self.transformer = transformer
        parts = StreamParts(transformer)
        milestones = [outputs.input]
        latest = (0, outputs.input)
    }

    /// The stream at a place, `[row, part, d_model]`.
    func stream(at place: Int) -> FloatBuffer {
        if latest.place == place { return latest.stream }
        let milestone = place / Self.spacing
        while milestones.count <= milestone {
            let last = (milestones.count - 1) * Self.spacing
            milestones.append(
                stream(at: last + Self.spacing, from: (last, milestones[milestones.count - 1])))
        }
        milestones.removeSubrange((milestone + 1)...)
        let first = milestone * Self.spacing
        let isOnTheWay = first < latest.place && latest.place < place
        let start = isOnTheWay ? latest : (first, milestones[milestone])
        latest = (place, stream(at: place, from: start))
        return latest.stream
    }

    /// Sums up the stream at a place from that at one before.
    private func stream(
        at place: Int, from start: (place: Int, stream: FloatBuffer)
    ) -> FloatBuffer {
        if place == start.place { return start.stream }
        let layout = outputs.layout
        let (width, startWidth) = (parts.width(at: place), parts.width(at: start.place))
        let sum = FloatBuffer(count: layout.rowCount * width)
        let pieces = layout.pieces(ofAbout: 128)
        let (outputs, transformer, parts) = (outputs, transformer, parts)
        transformer.pool.run(pieces.count) { _, piece in
            let rows =
                layout.starts[pieces[piece].lowerBound]..<layout.starts[pieces[piece].upperBound]
            for row in rows {
                let target = sum.values + row * width
                target.update(from: start.stream.values + row * startWidth, count: startWidth)
                (target + startWidth).update(repeating: 0, count: width - startWidth)
            }
            for place in start.place..<place {
                outputs.add(
                    afterPlace: place, to: sum.values + rows.lowerBound * width, width: width,
                    rows: rows, transformer, parts)
            }
        }
        return sum
    }

    /// The place that a receiver reads.
    static func place(of receiver: Receiver, in graph: ComputationalGraph) -> Int {
        switch receiver {
        case .head(let layer, _, _), .group(let layer, _, _): 2 * layer
        case .mlp(let layer): graph.parallelAttentionMLP ? 2 * layer : 2 * layer + 1
        case .logits: 2 * graph.nLayers
        }
    }
}

extension SenderOutputs {
    /// Adds what is put out between a place and the next.
    fileprivate func add(
        afterPlace place: Int, to stream: UnsafeMutablePointer<Float>, width: Int,
        rows: Range<Int>, _ transformer: Transformer, _ parts: StreamParts
    ) {
        let configuration = transformer.configuration
        let dModel = configuration.dModel
        let layer = place / 2
        guard place.isMultiple(of: 2) else {
            parts.add(
                mlp[layer].values + rows.lowerBound * dModel, to: stream, width: width,
                rows: rows.count)
            return
        }
        let zWidth = configuration.nHeads * configuration.dHead
        let projection = transformer.layers[layer].attention.output
        let target = stream + parts.offset(ofHeadsIn: layer)
        projection.weight.apply(
            z[layer].values + rows.lowerBound * zWidth, stride: zWidth, to: target,
            stride: width, rows: rows.count, keep: 1)
        if let bias = projection.bias {
            ckernels_add_bias(target, bias.values, rows.count, dModel, width)
        }
    }
}
