import Engine
import Experiments
import Graphs
import Models

/// The residual stream at each point where it is read, as the sum of the senders' outputs.
///
/// There are 2 * nLayers + 1 points: 2l before layer l, 2l + 1 between its attention and MLP, and the
/// end. Those asked for are summed up from the nearest of every eighth before, which are kept until
/// an earlier one is asked for. The parts of layers' heads (`StreamParts`) are the same at every
/// point, and kept once. Used by one thread.
final class ResidualStreams {
    private static let spacing = 8

    private let outputs: SenderOutputs
    private let transformer: Transformer
    private let parts: StreamParts
    /// The first part at points 0, 8, 16 ... as far as they were needed, `[row, d_model]`.
    private var milestones: [FloatBuffer]
    /// The same up to the point that was asked for last.
    private var latest: (point: Int, added: FloatBuffer)
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

    /// The stream at a point.
    func stream(at point: Int) -> StreamAtPoint {
        let layers = parts.partCount(before: point)
        while heads.count < layers { heads.append(sum(ofPoints: [2 * heads.count], onto: nil)) }
        return StreamAtPoint(
            added: added(before: point), heads: Array(heads.prefix(layers)), dModel: parts.dModel)
    }

    /// The first part at a point, `[row, d_model]`.
    private func added(before point: Int) -> FloatBuffer {
        if latest.point == point { return latest.added }
        let milestone = point / Self.spacing
        while milestones.count <= milestone {
            let last = (milestones.count - 1) * Self.spacing
            milestones.append(
                added(before: last + Self.spacing, from: (last, milestones[milestones.count - 1])))
        }
        milestones.removeSubrange((milestone + 1)...)
        let first = milestone * Self.spacing
        let isOnTheWay = first < latest.point && latest.point < point
        let start = isOnTheWay ? latest : (first, milestones[milestone])
        latest = (point, added(before: point, from: start))
        return latest.added
    }

    /// The same from the first part at an earlier point.
    private func added(
        before point: Int, from start: (point: Int, added: FloatBuffer)
    ) -> FloatBuffer {
        if point == start.point { return start.added }
        // Attention is what comes after the even points.
        let added = (start.point..<point).filter { parts.isSingle || !$0.isMultiple(of: 2) }
        return sum(ofPoints: added, onto: start.added)
    }

    /// The sum of the outputs after some points, `[row, d_model]`, added to `start` if there is one.
    private func sum(ofPoints points: [Int], onto start: FloatBuffer?) -> FloatBuffer {
        let dModel = transformer.configuration.dModel
        let layout = outputs.layout
        let sum = FloatBuffer(count: layout.rowCount * dModel)
        let pieces = layout.passPieces
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
            for point in points {
                outputs.add(afterPoint: point, to: stream, rows: rows, transformer)
            }
        }
        return sum
    }

    /// The point that a receiver reads.
    static func point(of receiver: Receiver, in graph: ComputationalGraph) -> Int {
        switch receiver {
        case .head(let layer, _, _), .group(let layer, _, _): 2 * layer
        case .mlp(let layer): graph.parallelAttentionMLP ? 2 * layer : 2 * layer + 1
        case .logits: 2 * graph.nLayers
        }
    }
}

/// The stream at one point, as `StreamParts` has it.
struct StreamAtPoint: Sendable {
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
    /// Adds the outputs between a point and the next.
    fileprivate func add(
        afterPoint point: Int, to stream: UnsafeMutablePointer<Float>, rows: Range<Int>,
        _ transformer: Transformer
    ) {
        let configuration = transformer.configuration
        let dModel = configuration.dModel
        let layer = point / 2
        guard point.isMultiple(of: 2) else {
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
