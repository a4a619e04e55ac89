import Engine
import Graphs
import Models

/// The hidden layer of an MLP whose input changes only by the outputs of a few heads.
///
/// A head's change has d_head values a row, which its output projection and the MLP's input
/// projection turn into d_mlp ones. Both are linear, as is the normalisation between them but for
/// one factor a row: so their product is taken once, and a variant's hidden layer is that of the
/// current circuit plus a product over d_head instead of d_model values.
final class HeadFedMLP: Sendable {
    /// One of the projections into the hidden layer.
    private struct Projection: Sendable {
        /// Of the current input, before division by its scale, `[active row, d_mlp]`.
        let current: FloatBuffer
        /// From each head's output, `[d_head, d_mlp]`.
        let fromHeads: [FloatBuffer]
        /// What doesn't depend on the input, `[d_mlp]`.
        let bias: FloatBuffer
    }

    /// The MLPs of a plan whose input only heads change, and few enough of them, by layer. What is
    /// held for a row takes no more than half of what senders output there, whatever the number of pairs,
    /// and the products of weights at most twice `mostChanged` values; later layers come first.
    static func all(
        of plan: EvaluationPlan, in state: CircuitState, _ scratch: ScratchPool
    ) -> [Int: HeadFedMLP] {
        // A norm after attention isn't linear.
        guard state.parts.isSingle else { return [:] }
        var mlps: [Int: HeadFedMLP] = [:]
        let configuration = state.transformer.configuration
        var room = 2 * state.mostChanged
        var roomOfRow = configuration.nLayers * configuration.dModel
        for layer in plan.layers.reversed() {
            guard let input = layer.mlp, input.extent == .all, !plan.tests(input.receiver) else {
                continue
            }
            let heads = input.senders.compactMap { sender -> (Int, layer: Int, head: Int)? in
                guard case .head(let layer, let head) = state.graph.senders[sender] else {
                    return nil
                }
                return (sender, layer, head)
            }
            let isShorter = 2 * heads.count * configuration.dHead < configuration.dModel
            // By position, a head may matter at the end alone and the MLP elsewhere too.
            let areAlike = input.senders.allSatisfy { plan.extentOfSender[$0] == .all }
            guard heads.count == input.senders.count, isShorter, areAlike else { continue }
            let width = configuration.dMLP * (configuration.isGated ? 2 : 1)
            roomOfRow -= width
            room -= heads.count * configuration.dHead * width
            if min(room, roomOfRow) < 0 { break }
            mlps[layer.layer] = HeadFedMLP(
                layer: layer.layer,
                current: state.currentInput(of: input.receiver, .all, plan, scratch), heads: heads,
                transformer: state.transformer)
        }
        return mlps
    }

    /// The senders that change the MLP's input.
    let senders: [Int]
    private let gate: Projection?
    private let input: Projection

    /// Prepares the MLP of a layer.
    /// - Parameters:
    ///   - current: its current input, `[active row, d_model]`.
    ///   - heads: the heads that change it, with the senders they are.
    private init(
        layer: Int, current: FloatBuffer, heads: [(sender: Int, layer: Int, head: Int)],
        transformer: Transformer
    ) {
        let parts = transformer.layers[layer]
        let (dModel, dHead) = (
            transformer.configuration.dModel, transformer.configuration.dHead
        )
        senders = heads.map(\.sender)
        let rows = current.count / dModel
        let linear = FloatBuffer(count: current.count)
        parts.mlpNorm.applyLinearPart(current.values, to: linear.values, rows: rows)
        let outputs = heads.map { head in
            Self.outputWeights(of: head.head, in: transformer.layers[head.layer], dModel, dHead)
        }
        for output in outputs {
            parts.mlpNorm.applyLinearPart(output.values, to: output.values, rows: dHead)
        }
        func project(_ weights: Affine) -> Projection {
            let width = weights.weight.outputs
            func times(_ x: FloatBuffer) -> FloatBuffer {
                let rows = x.count / dModel
                let result = FloatBuffer(count: rows * width)
                transformer.pool.run((rows + 63) / 64) { _, piece in
                    let first = piece * 64
                    weights.weight.apply(
                        x.values + first * dModel, stride: dModel,
                        to: result.values + first * width,
                        stride: width, rows: min(64, rows - first))
                }
                return result
            }
            var bias = FloatBuffer(zeros: width)
            if let constant = parts.mlpNorm.weights.bias {
                bias = times(
                    FloatBuffer(
                        viewing: constant.values, count: dModel, owner: transformer.model))
            }
            if let own = weights.bias { bias.values.add(own.values, count: width) }
            return Projection(
                current: times(linear), fromHeads: outputs.map(times), bias: bias)
        }
        gate = parts.mlp.weights.gate.map(project)
        input = project(parts.mlp.weights.input)
    }

    /// A head's part of the output projection, `[d_head, d_model]`.
    private static func outputWeights(
        of head: Int, in layer: TransformerLayer, _ dModel: Int, _ dHead: Int
    ) -> FloatBuffer {
        let weight = layer.attention.outputWeight(ofHead: head)
        let result = FloatBuffer(count: dHead * dModel)
        for i in 0..<dHead { weight.copy(input: i, to: result.values + i * dModel) }
        return result
    }

    /// Writes the hidden layer of stacked rows at some of its columns, before the nonlinearity.
    /// - Parameters:
    ///   - changes: of each sender, the change of its output, `[row, d_head]`.
    ///   - scales: what each row is to be multiplied with after its normalisation's linear part.
    ///   - copyCurrent: copies the current value of every stacked row, given all of them.
    func fill(
        _ columns: Range<Int>, gate gated: UnsafeMutablePointer<Float>?,
        input linear: UnsafeMutablePointer<Float>, rows: Int,
        changes: [UnsafeMutablePointer<Float>], scales: UnsafePointer<Float>,
        copyCurrent: (
            _ current: UnsafePointer<Float>, _ columns: Range<Int>,
            _ target: UnsafeMutablePointer<Float>
        ) -> Void
    ) {
        func fill(_ target: UnsafeMutablePointer<Float>, _ projection: Projection) {
            copyCurrent(projection.current.values, columns, target)
            let width = projection.bias.count
            for (change, product) in zip(changes, projection.fromHeads) {
                let dHead = product.count / width
                let weight = Weight(
                    values: product.values, inputs: dHead, outputs: width, layout: .inputMajor)
                weight.outputs(columns).apply(
                    change, stride: dHead, to: target, stride: columns.count, rows: rows, keep: 1)
            }
            target.scaleRows(by: scales, rows: rows, columns: columns.count)
            target.addToRows(
                projection.bias.values + columns.lowerBound, rows: rows, columns: columns.count,
                stride: columns.count)
        }
        fill(linear, input)
        if let gated, let gate { fill(gated, gate) }
    }
}
