import Engine
import Experiments
import Graphs
import Models

extension MaskedPass {
    /// Goes back through the last forward pass, from each pair's own loss.
    mutating func backward(into slots: MaskSlots, piece: Int) {
        let mark = pass.workspace.mark
        let dEnds = pass.workspace.take(pairs.count * dModel)
        evaluator.metric.lossGradient(
            normalized: normalizedEnds, pairs: pairs, into: dEnds, workspace: pass.workspace)
        pass.startBackward(dEnds)
        addLogitsGradients(slots, piece)
        let own = graph.nHeads + 1
        let dOutputs = pass.workspace.take(own * size)
        let dz = pass.workspace.take(layout.rowCount * headsWidth)
        for layer in (0..<graph.nLayers).reversed() {
            collectGradients(ofSendersIn: layer, to: dOutputs, slots, piece)
            pass.mlpBackward(layer, dOutputs + graph.nHeads * size)
            if !graph.parallelAttentionMLP { addMLPGradients(layer, to: dOutputs, slots, piece) }
            let dHead = transformer.configuration.dHead
            for head in 0..<graph.nHeads {
                transformer.layers[layer].attention.outputWeight(ofHead: head).applyTransposed(
                    dOutputs + head * size, stride: dModel, to: dz + head * dHead,
                    stride: headsWidth, rows: layout.rowCount)
            }
            pass.headsBackward(layer, dz)
            addLayerGradients(layer, slots, piece)
        }
        pass.workspace.reset(to: mark)
    }

    /// The gradients of the outputs of a layer's heads and MLP that come from later layers and the
    /// logits, `[sender, row, d_model]`.
    private mutating func collectGradients(
        ofSendersIn layer: Int, to dOutputs: UnsafeMutablePointer<Float>, _ slots: MaskSlots,
        _ piece: Int
    ) {
        let mark = pass.workspace.mark
        dOutputs.update(repeating: 0, count: (graph.nHeads + 1) * size)
        let throughNorms = transformer.normalizesAttention
        if throughNorms { collectThroughNorms(layer: layer, to: dOutputs, slots, piece) }
        // The rest: the MLP or, with all heads, the whole layer.
        let own = throughNorms ? 1 : graph.nHeads + 1
        let dOutputs = throughNorms ? dOutputs + graph.nHeads * size : dOutputs
        let firstSender = graph.sender(mlp: layer) + 1 - own
        let firstReceiver = (layer + 1) * graph.receiversPerLayer
        let later = graph.logitsReceiver - firstReceiver
        let transposed = pass.workspace.take(own * max(1, later))
        for (index, group) in groups.enumerated() {
            let offset = group.rows.lowerBound * dModel
            if later > 0 {
                for receiver in 0..<later {
                    let edges =
                        group.mask + graph.edgeStart[firstReceiver + receiver] + firstSender
                    for sender in 0..<own { transposed[sender * later + receiver] = edges[sender] }
                }
                (dOutputs + offset).addMixture(
                    transposed, stride: later, of: pass.inputs(of: layer + 1) + offset,
                    stride: size, rows: own, columns: group.rows.count * dModel, inner: later,
                    rowStride: size)
            }
            let toLogits = group.mask + graph.edgeStart[graph.logitsReceiver] + firstSender
            for pair in groups[index].pairs {
                let row = (layout.starts[pair + 1] - 1) * dModel
                for sender in 0..<own {
                    (dOutputs + sender * size + row).add(
                        pass.ends + pair * dModel, times: toLogits[sender], count: dModel)
                }
            }
        }
        pass.workspace.reset(to: mark)
    }

    /// Adds what comes back from a layer's MLP to its heads, and the gradients of those edges.
    private mutating func addMLPGradients(
        _ layer: Int, to dOutputs: UnsafeMutablePointer<Float>, _ slots: MaskSlots, _ piece: Int
    ) {
        let gradient = pass.inputs(of: layer) + (graph.receiversPerLayer - 1) * size
        let firstSender = graph.sender(layer: layer, head: 0)
        let edge = graph.edgeStart[graph.receiver(mlp: layer)] + firstSender
        for (index, group) in groups.enumerated() {
            let offset = group.rows.lowerBound * dModel
            let count = group.rows.count * dModel
            if transformer.normalizesAttention {
                addBackward(
                    throughAttentionOf: layer, gradient + offset, stride: size, receivers: 1,
                    mask: group.mask, firstEdge: edge - firstSender, maskStride: 0,
                    rows: group.rows, to: dOutputs, masks: slots.maskGradient(piece, index),
                    ablated: slots.ablatedGradient(piece))
                continue
            }
            for head in 0..<graph.nHeads {
                (dOutputs + head * size + offset).add(
                    gradient + offset, times: group.mask[edge + head], count: count)
                if let target = slots.maskGradient(piece, index) {
                    target[edge + head] += dot(
                        difference(firstSender + head) + offset, gradient + offset, count: count)
                }
            }
        }
    }

    /// The gradients of the logits' edges, and by the ablated outputs what the logits read of them.
    private mutating func addLogitsGradients(_ slots: MaskSlots, _ piece: Int) {
        let senders = graph.senders.count
        let edge = graph.edgeStart[graph.logitsReceiver]
        for (index, group) in groups.enumerated() {
            for pair in group.pairs {
                let row = (layout.starts[pair + 1] - 1) * dModel
                let gradient = pass.ends + pair * dModel
                if let target = slots.maskGradient(piece, index) {
                    forEachAdditiveRun(before: senders) { run in
                        BLAS.multiply(
                            gradient, stride: dModel, difference(run.lowerBound) + row,
                            stride: size, into: target + edge + run.lowerBound, stride: senders,
                            rows: 1, columns: run.count, inner: dModel, transposeB: true, keep: 1)
                    }
                }
                if let target = slots.ablatedGradient(piece) {
                    for sender in additiveSenders.joined() {
                        (target + sender * dModel).add(
                            gradient, times: 1 - group.mask[edge + sender], count: dModel)
                    }
                }
            }
        }
    }

    /// The gradients of the edges into a layer's receivers, but those from its own heads, and by the
    /// ablated outputs what all of the layer's receivers read of them.
    private mutating func addLayerGradients(_ layer: Int, _ slots: MaskSlots, _ piece: Int) {
        let mark = pass.workspace.mark
        let receivers = graph.receiversPerLayer
        let first = layer * receivers
        let before = graph.senderCount(of: first)
        let edges = graph.edgeStart[first]
        let gradients = pass.inputs(of: layer)
        let sums = pass.workspace.take(receivers * dModel)
        let cut = pass.workspace.take(receivers * before)
        for (index, group) in groups.enumerated() {
            let offset = group.rows.lowerBound * dModel
            if let target = slots.maskGradient(piece, index) {
                forEachAdditiveRun(before: before) { run in
                    BLAS.multiply(
                        gradients + offset, stride: size, difference(run.lowerBound) + offset,
                        stride: size, into: target + edges + run.lowerBound, stride: before,
                        rows: receivers, columns: run.count, inner: group.rows.count * dModel,
                        transposeB: true, keep: 1)
                }
            }
            guard let target = slots.ablatedGradient(piece) else { continue }
            sums.update(repeating: 0, count: receivers * dModel)
            for receiver in 0..<receivers {
                for row in group.rows {
                    (sums + receiver * dModel).add(
                        gradients + receiver * size + row * dModel, count: dModel)
                }
            }
            for edge in 0..<receivers * before { cut[edge] = 1 - group.mask[edges + edge] }
            forEachAdditiveRun(before: before) { run in
                BLAS.multiply(
                    cut + run.lowerBound, stride: before, sums, stride: dModel,
                    into: target + run.lowerBound * dModel, stride: dModel, rows: run.count,
                    columns: dModel, inner: receivers, transposeA: true, keep: 1)
            }
            if transformer.normalizesAttention { continue }
            let mlp = graph.receiver(mlp: layer)
            for sender in before..<graph.senderCount(of: mlp) {
                (target + sender * dModel).add(
                    sums + (receivers - 1) * dModel,
                    times: 1 - group.mask[graph.edgeStart[mlp] + sender], count: dModel)
            }
        }
        pass.workspace.reset(to: mark)
    }
}
