import Engine
import Experiments
import Graphs
import Models

/// The residual stream at each place where it is read, as the sum of what senders put out.
///
/// There are 2 * nLayers + 1 places: before each layer, between its attention and MLP, and at the
/// end. Those asked for are summed up from the nearest of every eighth before, which are kept until
/// an earlier one is asked for. Parts that aren't just added (`StreamParts`) are the same at every
/// place, and kept once. One thread asks.
final class ResidualStreams {
    private static let spacing = 8

    private let outputs: SenderOutputs
    private let transformer: Transformer
    private let parts: StreamParts
    /// What is just added up to places 0, 8, 16 ... as far as they were needed, `[row, d_model]`.
    private var milestones: [FloatBuffer]
    /// The same up to the place that was asked for last.
    private var latest: (place: Int, added: FloatBuffer)
    /// The parts of the first layers' heads, as far as they were needed, `[row, d_model]`.
    private var heads: [FloatBuffer] = []

    /// The streams made of these outputs and the biases of the attention projections.
    init(_ outputs: SenderOutputs, transformer: Transformer) {
        self.outputs = outputs
        self.transformer = transformer
        parts = StreamParts(transformer)
        milestones = [outputs.input]
        latest = (0, outputs.input)
    }

    /// The stream at a place.
    func stream(at place: Int) -> PlaceStream {
        let layers = parts.partCount(before: place)
        while heads.count < layers { heads.append(sum(ofPlaces: [2 * heads.count], onto: nil)) }
        return PlaceStream(
            added: added(before: place), heads: Array(heads.prefix(layers)), dModel: parts.dModel)
    }

    /// What is just added before a place, `[row, d_model]`.
    private func added(before place: Int) -> FloatBuffer {
        if latest.place == place { return latest.added }
        let milestone = place / Self.spacing
        while milestones.count <= milestone {
            let last = (milestones.count - 1) * Self.spacing
            milestones.append(
                added(before: last + Self.spacing, from: (last, milestones[milestones.count - 1])))
        }
        milestones.removeSubrange((milestone + 1)...)
        let first = milestone * Self.spacing
        let isOnTheWay = first < latest.place && latest.place < place
        let start = isOnTheWay ? latest : (first, milestones[milestone])
        latest = (place, added(before: place, from: start))
        return latest.added
    }

    /// The same from what is added before an earlier place.
    private func added(
        before place: Int, from start: (place: Int, added: FloatBuffer)
    ) -> FloatBuffer {
        if place == start.place { return start.added }
        // Attention is what comes after the even places.
        let added = (start.place..<place).filter { parts.isSingle || !$0.isMultiple(of: 2) }
        return sum(ofPlaces: added, onto: start.added)
    }

    /// What is put out after some places, `[row, d_model]`, added to `start` or by itself.
    private func sum(ofPlaces places: [Int], onto start: FloatBuffer?) -> FloatBuffer {
        let dModel = transformer.configuration.dModel
        let layout = outputs.layout
        let sum = FloatBuffer(count: layout.rowCount * dModel)
        let pieces = layout.pieces(ofAbout: 128)
        let (outputs, transformer) = (outputs, transformer)
        transformer.pool.run(pieces.count) { _, piece in
            let rows =
                layout.starts[pieces[piece].lowerBound]..<layout.starts[pieces[piece].upperBound]
            let stream = sum.values + rows.lowerBound * dModel
            if let start {
                stream.update(
                    from: start.values + rows.lowerBound * dModel, count: rows.count * dModel)
            } else {
                stream.update(repeating: 0, count: rows.count * dModel)
            }
            for place in places {
                outputs.add(afterPlace: place, to: stream, rows: rows, transformer)
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

/// The stream at one place, as `StreamParts` has it.
struct PlaceStream: Sendable {
    /// The first part, `[row, d_model]`.
    let added: FloatBuffer
    /// The parts of layers' heads, `[row, d_model]` each.
    let heads: [FloatBuffer]
    let dModel: Int

    /// Copies rows to x, `[row, part, d_model]`.
    func copy(_ rows: Range<Int>, to x: UnsafeMutablePointer<Float>) {
        guard !heads.isEmpty else {
            x.update(from: added.values + rows.lowerBound * dModel, count: rows.count * dModel)
            return
        }
        var target = x
        for row in rows {
            target.update(from: added.values + row * dModel, count: dModel)
            target += dModel
            copyHeads(row, to: target)
            target += heads.count * dModel
        }
    }

    /// Copies the parts of layers' heads of a row to x, `[part, d_model]`.
    func copyHeads(_ row: Int, to x: UnsafeMutablePointer<Float>) {
        for (layer, part) in heads.enumerated() {
            (x + layer * dModel).update(from: part.values + row * dModel, count: dModel)
        }
    }
}

extension SenderOutputs {
    /// Adds what is put out between a place and the next.
    fileprivate func add(
        afterPlace place: Int, to stream: UnsafeMutablePointer<Float>, rows: Range<Int>,
        _ transformer: Transformer
    ) {
        let configuration = transformer.configuration
        let dModel = configuration.dModel
        let layer = place / 2
        guard place.isMultiple(of: 2) else {
            stream.add(mlp[layer].values + rows.lowerBound * dModel, count: rows.count * dModel)
            return
        }
        let width = configuration.nHeads * configuration.dHead
        let projection = transformer.layers[layer].attention.output
        projection.weight.apply(
            z[layer].values + rows.lowerBound * width, stride: width, to: stream,
            stride: dModel, rows: rows.count, keep: 1)
        if let bias = projection.bias {
            stream.addToRows(bias.values, rows: rows.count, columns: dModel, stride: dModel)
        }
    }
}
