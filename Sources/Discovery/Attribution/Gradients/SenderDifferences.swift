import Engine
import Experiments
import Graphs
import Models

/// How cutting each sender's edges changes its output, for the pairs of one piece: ablated minus clean
/// outputs, `[sender, row, d_model]`. Of heads whose sum is normalised before it joins the residual
/// stream they are NaN from `fill` to `applySlope` or `shareOut`, so that no method can take them as they
/// are.
struct SenderDifferences {
    let values: UnsafeMutablePointer<Float>
    /// Values a sender.
    let size: Int
    private let dModel: Int

    /// `[row, head * d_head]`
    private let z: UnsafeMutablePointer<Float>
    /// The outputs of heads before a norm after attention, `[layer, head, row, d_model]`; empty
    /// without one.
    private let beforeNorms: UnsafeMutablePointer<Float>
    private let transformer: Transformer
    private let graph: ComputationalGraph

    /// Memory for the values of some rows, to be filled in component by component.
    init(
        rows: Int, of graph: ComputationalGraph, _ transformer: Transformer,
        in workspace: Workspace
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
    /// - Parameter clean: what is subtracted from the ablated outputs; nil keeps them as they are.
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
    ///   - clean: what is subtracted from it; nil keeps it as it is.
    func fill(
        _ component: DifferentiablePass.Component, _ ablated: UnsafePointer<Float>,
        minus clean: UnsafePointer<Float>?
    ) {
        let rows = size / dModel
        func subtract(to target: UnsafeMutablePointer<Float>, width: Int) {
            if let clean {
                target.update(from: ablated, minus: clean, count: rows * width)
            } else {
                target.update(from: ablated, count: rows * width)
            }
        }
        switch component {
        case .input: subtract(to: values, width: dModel)
        case .mlp(let layer):
            subtract(to: values + graph.sender(mlp: layer) * size, width: dModel)
        case .heads(let layer):
            let attention = transformer.layers[layer].attention
            subtract(to: z, width: graph.nHeads * attention.dHead)
            if transformer.normalizesAttention {
                (values + graph.sender(layer: layer, head: 0) * size)
                    .update(repeating: .nan, count: graph.nHeads * size)
            }
            for head in 0..<graph.nHeads {
                attention.applyOutput(
                    ofHead: head, z,
                    to: transformer.normalizesAttention
                        ? beforeNorm(layer, head)
                        : values + graph.sender(layer: layer, head: head) * size,
                    stride: dModel, rows: rows)
            }
        }
    }

    /// A head's output before the norm after its attention, `[row, d_model]`.
    private func beforeNorm(_ layer: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
        beforeNorms + (layer * graph.nHeads + head) * size
    }

    /// Sets the differences of a layer's heads to what they are behind the norm after attention, to
    /// first order.
    /// - Parameter sum: the input of the norm in the run that was made last, `[row, d_model]`.
    func applySlope(of norm: Normalizer, ofLayer layer: Int, at sum: UnsafePointer<Float>) {
        for head in 0..<graph.nHeads {
            norm.applySlope(
                beforeNorm(layer, head), at: sum,
                to: values + graph.sender(layer: layer, head: head) * size, rows: size / dModel)
        }
    }

    /// Sets the values of a layer's heads to their parts of the output of the norm after attention,
    /// which scales all heads alike.
    func shareOut(_ norm: Normalizer, ofLayer layer: Int) {
        let rows = size / dModel
        let sum = FloatBuffer(zeros: size)
        for head in 0..<graph.nHeads { sum.values.add(beforeNorm(layer, head), count: size) }
        let scales = FloatBuffer(count: rows)
        norm.apply(sum.values, to: sum.values, rows: rows, inverseScale: scales.values)
        for head in 0..<graph.nHeads {
            let part = values + graph.sender(layer: layer, head: head) * size
            part.update(from: beforeNorm(layer, head), count: size)
            part.scaleRows(by: scales.values, rows: rows, columns: dModel)
            guard let gain = norm.weights.gain else { continue }
            for row in 0..<rows {
                (part + row * dModel).multiply(by: gain.values, count: dModel)
            }
        }
    }

    /// A sender's values in one row, `[d_model]`.
    func row(_ row: Int, of sender: Int) -> UnsafePointer<Float> {
        UnsafePointer(values + sender * size + row * dModel)
    }

    /// Adds, for every edge into some receivers and every pair, `weight` times the product of the
    /// sender's difference with the receiver's gradient.
    /// - Parameters:
    ///   - gradients: as a `DifferentiablePass` gives them, `[receiver, row, d_model]`.
    ///   - scores: `[pair, value]` as `layout` says.
    func addProducts(
        with gradients: UnsafePointer<Float>, of receivers: DifferentiablePass.Receivers,
        weight: Float, rows: RowLayout, layout: ScoreLayout, to scores: UnsafeMutablePointer<Float>
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
                    multiply(gradients, ofLayer: layer, rows: rows, weight, to: ofPair)
                    continue
                }
                for (position, row) in rows.enumerated() {
                    multiply(
                        gradients, ofLayer: layer, rows: row..<row + 1, weight,
                        to: ofPair + position * graph.edgeCount)
                }
            }
        }
    }

    /// The products of a layer's receivers, to their edges' scores.
    private func multiply(
        _ gradients: UnsafePointer<Float>, ofLayer layer: Int, rows: Range<Int>, _ weight: Float,
        to scores: UnsafeMutablePointer<Float>
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

    /// Adds the `[receiver, sender]` products over the values of some rows to `keep` times what is
    /// there.
    /// - Parameters:
    ///   - gradients: `[receiver, row, d_model]`.
    ///   - stride: how far the receivers' rows of scores lie apart; by default without gaps.
    func multiply(
        _ gradients: UnsafePointer<Float>, receivers: Int, senders: Range<Int>, rows: Range<Int>,
        weight: Float, keep: Float = 1, to scores: UnsafeMutablePointer<Float>, stride: Int? = nil
    ) {
        let offset = rows.lowerBound * dModel
        BLAS.multiply(
            gradients + offset, stride: size, values + senders.lowerBound * size + offset,
            stride: size, into: scores, stride: stride ?? max(1, senders.count), rows: receivers,
            columns: senders.count, inner: rows.count * dModel, transposeB: true, scale: weight,
            keep: keep)
    }
}
