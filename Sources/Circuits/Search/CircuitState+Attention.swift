internal import Engine
internal import Models

/// Queries, keys and values of the layers that a search has come to.
extension CircuitState {
    /// Queries, keys and values of one layer as the current circuit has them, after rotation; nil
    /// for heads that nothing reads.
    struct Attention {
        /// By head, `[active row, d_head]`.
        var q: [FloatBuffer?]
        /// By key receiver, `[context row, d_head]`.
        var k: [FloatBuffer?]
        /// By key receiver, `[context row, d_head]`.
        var v: [FloatBuffer?]
    }

    /// Makes the queries, keys and values of a layer ready: those of the clean run.
    func enter(layer index: Int) {
        guard attention[index] == nil else { return }
        let configuration = transformer.configuration
        let layer = transformer.layers[index]
        let (dModel, width) = (configuration.dModel, configuration.dHead)
        let (heads, groups) = (configuration.nHeads, configuration.nKeyValueHeads)
        let keyReceivers = graph.keyReceiverCount
        let (context, active) = (rows.context, rows.all)
        let q = (0..<heads).map { _ in FloatBuffer(count: active.rowCount * width) }
        let k = (0..<keyReceivers).map { _ in FloatBuffer(count: context.rowCount * width) }
        let v = (0..<keyReceivers).map { _ in FloatBuffer(count: context.rowCount * width) }
        let stream = cleanStreams.stream(at: 2 * index)
        let (rows, rotation) = (rows, transformer.rotation)
        transformer.pool.run(rows.pieces.count) { _, piece in
            let pairs = rows.pieces[piece]
            let first = context.starts[pairs.lowerBound]
            let count = context.starts[pairs.upperBound] - first
            let normalized = FloatBuffer(count: count * dModel)
            layer.attentionNorm.apply(
                stream.values + first * dModel, to: normalized.values, rows: count)
            let positions = Buffer<Int32>(pairs.flatMap { 0..<Int32(context.length($0)) })
            func project(_ weights: Affine, _ heads: Int, rotated: Bool) -> FloatBuffer {
                let result = FloatBuffer(count: count * heads * width)
                weights.apply(
                    normalized.values, stride: dModel, to: result.values, stride: heads * width,
                    rows: count)
                if rotated {
                    rotation?.apply(
                        to: result.values, rows: count, stride: heads * width, heads: heads,
                        headWidth: width, positions: positions.values, period: count)
                }
                return result
            }
            let queries = project(layer.attention.query, heads, rotated: true)
            let keys = project(layer.attention.key, groups, rotated: true)
            let values = project(layer.attention.value, groups, rotated: false)
            for pair in pairs {
                let start = context.starts[pair] - first
                for (offset, position) in rows.positions[pair].enumerated() {
                    let row = active.starts[pair] + offset
                    for head in 0..<heads {
                        (q[head].values + row * width).update(
                            from: queries.values + ((start + position) * heads + head) * width,
                            count: width)
                    }
                }
                for row in context.rows(pair) {
                    for receiver in 0..<keyReceivers {
                        let group = receiver * groups / keyReceivers
                        let source = ((row - first) * groups + group) * width
                        (k[receiver].values + row * width).update(
                            from: keys.values + source, count: width)
                        (v[receiver].values + row * width).update(
                            from: values.values + source, count: width)
                    }
                }
            }
        }
        attention[index] = Attention(q: q, k: k, v: v)
    }

    /// Lets go of a layer's queries, keys and values that only unneeded heads read.
    func releaseAttention(ofLayer layer: Int, _ needs: [ActiveRows.Extent?]) {
        guard attention[layer] != nil else { return }
        var keyIsRead = [Bool](repeating: false, count: graph.keyReceiverCount)
        for head in 0..<graph.nHeads {
            if needs[graph.sender(layer: layer, head: head)] == nil {
                attention[layer]?.q[head] = nil
            } else {
                keyIsRead[head * graph.keyReceiverCount / graph.nHeads] = true
            }
        }
        for receiver in keyIsRead.indices where !keyIsRead[receiver] {
            attention[layer]?.k[receiver] = nil
            attention[layer]?.v[receiver] = nil
        }
    }
}
