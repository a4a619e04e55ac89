import CKernels
import Engine
import Experiments
import Graphs
import Models

/// What cutting each sender's edges puts into the residual stream, for the pairs of one piece:
/// ablated minus clean outputs, `[sender, row, d_model]`. Of heads whose sum is normalised before it
/// joins the stream, what `applySlope` or `shareOut` makes of that.
struct SenderDifferences {
    let values: UnsafeMutablePointer<Float>
    /// Values a sender.
    let size: Int
    private let dModel: Int

    /// `[row, head * d_head]`
    private let z: UnsafeMutablePointer<Float>
    /// What heads put out before a norm after attention, `[layer, head, row, d_model]`; empty
    /// without one.
    private let beforeNorms: UnsafeMutablePointer<Float>
    private let transformer: Transformer
    private let graph: ComputationalGraph

    /// Room for the values of some rows, to be filled in component by component.
    init(
        rows: Int, of graph: ComputationalGraph, _ transformer: Transformer,
        in workspace: inout Workspace
    ) {
        self.transformer = transformer
        self.graph = graph
        dModel = graph.dModel
        size = rows * dModel
        values = workspace.take(graph.senders.count * size)
        z = workspace.take(rows * graph.nHeads * transformer.configuration.dHead)
        beforeNorms = workspace.take(
            transformer.normalizesAttention ? graph.nLayers * graph.nHeads * size : 0)
    }

    /// Fills in all senders for some pairs.
    /// - Parameter clean: what is taken away from the ablated outputs; nil takes them as they are.
    func fill(_ ablated: SenderOutputs, minus clean: SenderOutputs?, pairs: Range<Int>) {
        fill(.input, ablated, minus: clean, pairs)
        for layer in 0..<graph.nLayers {
            fill(.heads(layer: layer), ablated, minus: clean, pairs)
            fill(.mlp(layer: layer), ablated, minus: clean, pairs)
        }
    }

    /// Fills in a component for some pairs; without clean outputs, the ablated ones as they are.
    func fill(
        _ component: DifferentiablePass.Component, _ ablated: SenderOutputs,
        minus clean: SenderOutputs?, _ pairs: Range<Int>
    ) {
        fill(
            component, ablated.rows(of: component, pairs: pairs),
            minus: clean?.rows(of: component, pairs: pairs))
    }

    /// Fills in a component: a layer's heads, each after its output projection, an MLP or the input.
    /// - Parameters:
    ///   - ablated: the component's ablated output, `[row, width]`.
    ///   - clean: what is taken away from it; nil takes it as it is.
    func fill(
        _ component: DifferentiablePass.Component, _ ablated: UnsafePointer<Float>,
        minus clean: UnsafePointer<Float>?
    ) {
        let rows = size / dModel
        func subtract(to target: UnsafeMutablePointer<Float>, width: Int) {
            if let clean {
                ckernels_difference(target, ablated, clean, rows * width)
            } else {
                target.update(from: ablated, count: rows * width)
            }
        }
        switch component {
        case .input: subtract(to: values, width: dModel)
        case .mlp(let layer):
            subtract(to: values + graph.sender(mlp: layer) * size, width: dModel)
        case .heads(let layer):
            let dHead = transformer.configuration.dHead
            let width = graph.nHeads * dHead
            subtract(to: z, width: width)
            for head in 0..<graph.nHeads {
                transformer.layers[layer].attention.output.weight
                    .inputs(head * dHead..<(head + 1) * dHead)
                    .apply(
                        z + head * dHead, stride: width,
                        to: transformer.normalizesAttention
                            ? beforeNorm(layer, head)
                            : values + graph.sender(layer: layer, head: head) * size,
                        stride: dModel, rows: rows)
            }
        }
    }

    /// What a head puts out before the norm after its attention, `[row, d_model]`.
    private func beforeNorm(_ layer: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
        beforeNorms + (layer * graph.nHeads + head) * size
    }

    /// Sets what a layer's heads change behind the norm after attention, to first order.
    /// - Parameter sum: what the norm read in the run at hand, `[row, d_model]`.
    func applySlope(of norm: Normalizer, ofLayer layer: Int, at sum: UnsafePointer<Float>) {
        for head in 0..<graph.nHeads {
            norm.applySlope(
                beforeNorm(layer, head), at: sum,
                to: values + graph.sender(layer: layer, head: head) * size, rows: size / dModel)
        }
    }

    /// Sets the parts that a layer's heads have in what the norm after attention makes of their sum:
    /// it scales all of them alike.
    func shareOut(_ norm: Normalizer, ofLayer layer: Int) {
        let rows = size / dModel
        let sum = FloatBuffer(zeros: size)
        for head in 0..<graph.nHeads { ckernels_add(sum.values, beforeNorm(layer, head), size) }
        let scales = FloatBuffer(count: rows)
        norm.apply(sum.values, to: sum.values, rows: rows, inverseScale: scales.values)
        for head in 0..<graph.nHeads {
            let part = values + graph.sender(layer: layer, head: head) * size
            part.update(from: beforeNorm(layer, head), count: size)
            ckernels_scale_rows(part, scales.values, rows, dModel)
            guard let gain = norm.weights.gain else { continue }
            for row in 0..<rows { ckernels_multiply(part + row * dModel, gain.values, dModel) }
        }
    }

    /// A sender's values in one row, `[d_model]`.
    func row(_ row: Int, of sender: Int) -> UnsafePointer<Float> {
        UnsafePointer(values + sender * size + row * dModel)
    }

    /// Adds, for every edge into some receivers and every pair, `weight` times the product of the
    /// sender's difference with the receiver's gradient.
    /// - Parameters:
    ///   - gradients: as `DifferentiablePass` hands them out, `[receiver, row, d_model]`.
    ///   - scores: `[pair, value]` as `layout` says.
    func addProducts(
        with gradients: UnsafePointer<Float>, of receivers: DifferentiablePass.Receivers,
        weight: Float, rows: RowLayout, graph: ComputationalGraph, layout: ScoreLayout,
        to scores: UnsafeMutablePointer<Float>
    ) {
        for pair in 0..<rows.promptCount {
            let rows = rows.rows(pair)
            let ofPair = scores + pair * layout.width
            switch receivers {
            case .logits:
                let position = layout.resolvesPositions ? rows.count - 1 : 0
                multiply(
                    gradients, receivers: 1, senders: 0..<graph.senders.count,
                    rows: rows.upperBound - 1..<rows.upperBound, weight: weight,
                    to: ofPair + position * graph.edgeCount + graph.edgeStart[graph.logitsReceiver])
            case .layer(let layer):
                guard layout.resolvesPositions else {
                    multiply(gradients, ofLayer: layer, rows: rows, weight, graph, to: ofPair)
                    continue
                }
                for (position, row) in rows.enumerated() {
                    multiply(
                        gradients, ofLayer: layer, rows: row..<row + 1, weight, graph,
                        to: ofPair + position * graph.edgeCount)
                }
            }
        }
    }

    /// The products of a layer's receivers, to their edges' scores.
    private func multiply(
        _ gradients: UnsafePointer<Float>, ofLayer layer: Int, rows: Range<Int>, _ weight: Float,
        _ graph: ComputationalGraph, to scores: UnsafeMutablePointer<Float>
    ) {
        // The MLP's edges from before the layer's own heads lie like one more row of those of the
        // heads' inputs; what it reads of the heads follows them.
        let first = layer * graph.receiversPerLayer
        let before = graph.senderCount(of: first)
        let mlp = graph.receiver(mlp: layer)
        multiply(
            gradients, receivers: graph.receiversPerLayer, senders: 0..<before, rows: rows,
            weight: weight, to: scores + graph.edgeStart[first])
        multiply(
            gradients + (graph.receiversPerLayer - 1) * size, receivers: 1,
            senders: before..<graph.senderCount(of: mlp), rows: rows, weight: weight,
            to: scores + graph.edgeStart[mlp] + before)
    }

    /// `[receiver, sender]` products over the values of some rows.
    private func multiply(
        _ gradients: UnsafePointer<Float>, receivers: Int, senders: Range<Int>, rows: Range<Int>,
        weight: Float, to scores: UnsafeMutablePointer<Float>
    ) {
        let offset = rows.lowerBound * dModel
        BLAS.multiply(
            gradients + offset, stride: size, values + senders.lowerBound * size + offset,
            stride: size, into: scores, stride: max(1, senders.count), rows: receivers,
            columns: senders.count, inner: rows.count * dModel, transposeB: true, scale: weight,
            keep: 1)
    }
}
