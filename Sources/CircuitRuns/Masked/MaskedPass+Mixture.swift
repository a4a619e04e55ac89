import Engine
import Graphs

/// The inputs of receivers as mixtures of the senders' current and ablated outputs. Where a norm follows
/// attention (Gemma 2), a receiver gets, for each layer, the norm of the mixture of that layer's heads.
extension MaskedPass {
    /// Adds to receivers' inputs what comes to them from the senders before.
    /// - Parameters:
    ///   - inputs: `[receiver, row of rows, d_model]`, receivers `stride` apart.
    ///   - mask: `[receiver, sender]`, receivers `maskStride` apart.
    ///   - senders: how many senders are before them, whole layers of them.
    mutating func addMixture(
        to inputs: UnsafeMutablePointer<Float>, stride: Int, receivers: Int,
        mask: UnsafePointer<Float>, maskStride: Int, senders: Int, rows: Range<Int>
    ) {
        forEachAdditiveRun(before: senders) { run in
            inputs.addMixture(
                mask + run.lowerBound, stride: maskStride,
                of: difference(run.lowerBound) + rows.lowerBound * dModel, stride: size,
                rows: receivers, columns: rows.count * dModel, inner: run.count, rowStride: stride)
        }
        guard transformer.normalizesAttention else { return }
        for layer in 0..<graph.nLayers where graph.sender(mlp: layer) < senders {
            addNormalizedAttention(
                of: layer, to: inputs, stride: stride, receivers: receivers, mask: mask,
                maskStride: maskStride, rows: rows)
        }
    }

    /// Calls `body` with the runs of `additiveSenders` before one.
    func forEachAdditiveRun(before end: Int, _ body: (Range<Int>) -> Void) {
        for run in additiveSenders where run.lowerBound < end {
            body(run.clamped(to: 0..<end))
        }
    }

    /// Adds to receivers' inputs what comes to them from a layer's heads.
    mutating func addNormalizedAttention(
        of layer: Int, to inputs: UnsafeMutablePointer<Float>, stride: Int, receivers: Int,
        mask: UnsafePointer<Float>, maskStride: Int, rows: Range<Int>
    ) {
        let mark = pass.workspace.mark
        let count = rows.count * dModel
        let sums = attentionSums(
            of: layer, receivers: receivers, mask: mask, maskStride: maskStride, rows: rows)
        transformer.layers[layer].postAttentionNorm?.apply(
            sums, to: sums, rows: receivers * rows.count)
        for receiver in 0..<receivers {
            (inputs + receiver * stride).add(sums + receiver * count, count: count)
        }
        pass.workspace.reset(to: mark)
    }

    /// The sums of what comes to receivers from a layer's heads, before the norm,
    /// `[receiver, row of rows, d_model]`.
    private mutating func attentionSums(
        of layer: Int, receivers: Int, mask: UnsafePointer<Float>, maskStride: Int,
        rows: Range<Int>
    ) -> UnsafeMutablePointer<Float> {
        let (offset, count) = (rows.lowerBound * dModel, rows.count * dModel)
        let sums = pass.workspace.take(receivers * count)
        for receiver in 0..<receivers {
            (sums + receiver * count).update(
                from: ablatedAttention + layer * size + offset, count: count)
        }
        let first = graph.sender(layer: layer, head: 0)
        sums.addMixture(
            mask + first, stride: maskStride, of: difference(first) + offset, stride: size,
            rows: receivers, columns: count, inner: graph.nHeads, rowStride: count)
        return sums
    }

    /// Takes the gradients at receivers back through the norm after a layer's attention: adds them to
    /// those of its heads' outputs, and to those of their edges.
    /// - Parameters:
    ///   - gradients: at the receivers' inputs, `[receiver, row of rows, d_model]`, receivers
    ///     `stride` apart.
    ///   - firstEdge: where the mask of the first receiver's edges starts, which has `maskStride`
    ///     edges, as each of them has.
    ///   - dHeads: `[head, row, d_model]`, of all rows.
    ///   - target: where the gradients by masks go, `[edge]`.
    ///   - ablated: where the gradients by ablated outputs go, `[sender, d_model]`.
    mutating func addBackward(
        throughAttentionOf layer: Int, _ gradients: UnsafePointer<Float>, stride: Int,
        receivers: Int, mask: UnsafePointer<Float>, firstEdge: Int, maskStride: Int,
        rows: Range<Int>, to dHeads: UnsafeMutablePointer<Float>,
        masks target: UnsafeMutablePointer<Float>?, ablated: UnsafeMutablePointer<Float>?
    ) {
        guard let norm = transformer.layers[layer].postAttentionNorm else { return }
        let mark = pass.workspace.mark
        let (offset, count) = (rows.lowerBound * dModel, rows.count * dModel)
        let sums = attentionSums(
            of: layer, receivers: receivers, mask: mask + firstEdge, maskStride: maskStride,
            rows: rows)
        let dSums = pass.workspace.take(count)
        let overRows = pass.workspace.take(dModel)
        let first = graph.sender(layer: layer, head: 0)
        for receiver in 0..<receivers {
            norm.applyBackward(
                gradients + receiver * stride, at: sums + receiver * count, to: dSums,
                rows: rows.count, accumulate: false)
            overRows.update(repeating: 0, count: dModel)
            if ablated != nil {
                for row in 0..<rows.count { overRows.add(dSums + row * dModel, count: dModel) }
            }
            for head in 0..<graph.nHeads {
                let edge = firstEdge + receiver * maskStride + first + head
                (dHeads + head * size + offset).add(dSums, times: mask[edge], count: count)
                if let target {
                    target[edge] += dot(difference(first + head) + offset, dSums, count: count)
                }
                if let ablated {
                    (ablated + (first + head) * dModel).add(
                        overRows, times: 1 - mask[edge], count: dModel)
                }
            }
        }
        pass.workspace.reset(to: mark)
    }

    /// The same for all receivers behind a layer, but its own MLP, of which the gradients are known.
    mutating func collectThroughNorms(
        layer: Int, to dHeads: UnsafeMutablePointer<Float>, _ slots: MaskSlots, _ piece: Int
    ) {
        for (index, group) in groups.enumerated() {
            let target = slots.maskGradient(piece, index)
            let ablated = slots.ablatedGradient(piece)
            for later in 0..<graph.nLayers where later > layer {
                let first = later * graph.receiversPerLayer
                let before = graph.senderCount(of: first)
                addBackward(
                    throughAttentionOf: layer,
                    pass.inputs(of: later) + group.rows.lowerBound * dModel, stride: size,
                    receivers: graph.receiversPerLayer, mask: group.mask,
                    firstEdge: graph.edgeStart[first], maskStride: before, rows: group.rows,
                    to: dHeads, masks: target, ablated: ablated)
            }
            for pair in group.pairs {
                let row = layout.starts[pair + 1] - 1
                addBackward(
                    throughAttentionOf: layer, pass.ends + pair * dModel, stride: dModel,
                    receivers: 1, mask: group.mask,
                    firstEdge: graph.edgeStart[graph.logitsReceiver],
                    maskStride: graph.senders.count, rows: row..<row + 1, to: dHeads,
                    masks: target, ablated: ablated)
            }
        }
    }
}
