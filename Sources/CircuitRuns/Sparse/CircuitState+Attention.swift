import Engine
import Graphs
import Models

/// Queries, keys and values of the layers that a search has reached.
extension CircuitState {
    /// Queries, keys and values of one layer as the current circuit has them, after rotation; nil
    /// for heads that nothing reads.
    struct CurrentVectors {
        /// By head, `[active row, d_head]`.
        var q: [FloatBuffer?]
        /// By key receiver, `[context row, d_head]`.
        var k: [FloatBuffer?]
        /// By key receiver, `[context row, d_head]`.
        var v: [FloatBuffer?]
    }

    /// Makes queries, keys and values of a layer ready, those of the clean run, for the heads that
    /// matter and aren't held yet.
    package func enter(layer index: Int, _ needs: [ActiveRows.Extent?]) {
        let width = transformer.configuration.dHead
        var held =
            attention[index]
            ?? CurrentVectors(
                q: Array(repeating: nil, count: graph.nHeads),
                k: Array(repeating: nil, count: graph.keyReceiverCount),
                v: Array(repeating: nil, count: graph.keyReceiverCount))
        var missing: [CleanProjection] = []
        let weights = transformer.layers[index].attention
        for head in 0..<graph.nHeads where needs[graph.sender(layer: index, head: head)] != nil {
            if held.q[head] == nil {
                let values = FloatBuffer(count: rows.all.rowCount * width)
                held.q[head] = values
                missing.append(
                    CleanProjection(
                        projection: weights.queries(ofHead: head), values: values,
                        layout: rows.all))
            }
            let receiver = graph.keyReceiver(ofHead: head)
            if held.k[receiver] == nil {
                let k = FloatBuffer(count: rows.context.rowCount * width)
                let v = FloatBuffer(count: rows.context.rowCount * width)
                (held.k[receiver], held.v[receiver]) = (k, v)
                missing += [
                    CleanProjection(
                        projection: weights.keys(receiver, of: graph.keyReceiverCount), values: k,
                        layout: rows.context),
                    CleanProjection(
                        projection: weights.values(receiver, of: graph.keyReceiverCount),
                        values: v, layout: rows.context),
                ]
            }
        }
        attention[index] = held
        if !missing.isEmpty { project(missing, ofLayer: index) }
    }

    /// Queries, keys or values of one head on the clean run, to be computed.
    private struct CleanProjection {
        let projection: HeadProjection
        /// `[row of layout, d_head]`
        let values: FloatBuffer
        let layout: RowLayout
    }

    private func project(_ projections: [CleanProjection], ofLayer index: Int) {
        let width = transformer.configuration.dHead
        let norm = transformer.layers[index].attentionNorm
        let stream = cleanStreams.stream(at: 2 * index)
        let streamWidth = parts.width(at: 2 * index)
        let (rows, parts) = (rows, parts)
        let pieces = rows.context.pieces(ofAtMost: 64)
        transformer.pool.run(pieces.count) { _, piece in
            let pairs = pieces[piece]
            let first = rows.context.starts[pairs.lowerBound]
            let count = rows.context.starts[pairs.upperBound] - first
            let normalized = FloatBuffer(count: count * streamWidth)
            stream.copy(first..<first + count, to: normalized.values)
            parts.join(normalized.values, rows: count, at: 2 * index)
            norm.apply(normalized.values, to: normalized.values, rows: count)
            let positions = Buffer<Int32>(
                pairs.flatMap { 0..<Int32(rows.context.length($0)) })
            let result = FloatBuffer(count: count * width)
            let workspace = Workspace(blockSize: 1 << 14)
            for projection in projections {
                projection.projection.apply(
                    normalized.values, to: result.values, rows: count, workspace: workspace)
                projection.projection.rotate(
                    result.values, rows: count, positions: positions.values, period: count)
                // The last rows of each pair: those of the layout.
                for pair in pairs {
                    let length = projection.layout.length(pair)
                    let skipped = rows.context.length(pair) - length
                    let source = rows.context.starts[pair] - first + skipped
                    (projection.values.values + projection.layout.starts[pair] * width).update(
                        from: result.values + source * width, count: length * width)
                }
            }
        }
    }

    /// Lets go of a layer's queries, keys and values that only unneeded heads read.
    func releaseAttention(ofLayer layer: Int, _ needs: [ActiveRows.Extent?]) {
        guard attention[layer] != nil else { return }
        var keyIsRead = [Bool](repeating: false, count: graph.keyReceiverCount)
        for head in 0..<graph.nHeads {
            if needs[graph.sender(layer: layer, head: head)] == nil {
                attention[layer]?.q[head] = nil
            } else {
                keyIsRead[graph.keyReceiver(ofHead: head)] = true
            }
        }
        for receiver in keyIsRead.indices where !keyIsRead[receiver] {
            attention[layer]?.k[receiver] = nil
            attention[layer]?.v[receiver] = nil
        }
    }
}
