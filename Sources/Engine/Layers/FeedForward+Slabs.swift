import CKernels
import Models

/// The MLP, one slab of its hidden layer at a time, so that the hidden values of many rows stay in the
/// cache.
extension FeedForward {
    /// The hidden layer's width per slab.
    private static let slabWidth = 256

    /// y = MLP(x), with x and y `[rows, d_model]`, not the same.
    package func applyInSlabs(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int,
        workspace: Workspace
    ) {
        let (weights, dModel) = (weights, dModel)
        applyInSlabs(to: y, rows: rows, workspace: workspace) { columns, gated, linear in
            weights.input.outputs(columns).apply(
                x, stride: dModel, to: linear, stride: columns.count, rows: rows)
            if let gate = weights.gate, let gated {
                gate.outputs(columns).apply(
                    x, stride: dModel, to: gated, stride: columns.count, rows: rows)
            }
        }
    }

    /// y = the MLP's output, `[rows, d_model]`, from its hidden layer.
    /// - Parameter hidden: writes some columns of the hidden layer before the nonlinearity,
    ///   `[rows, columns]`: the input projection and, of a gated MLP, the gate.
    package func applyInSlabs(
        to y: UnsafeMutablePointer<Float>, rows: Int, workspace: Workspace,
        hidden: (
            _ columns: Range<Int>, _ gate: UnsafeMutablePointer<Float>?,
            _ input: UnsafeMutablePointer<Float>
        ) -> Void
    ) {
        let mark = workspace.mark
        let output = weights.output.weight
        let linear = workspace.take(rows * Self.slabWidth)
        let gated = weights.gate == nil ? nil : workspace.take(rows * Self.slabWidth)
        for start in stride(from: 0, to: hiddenWidth, by: Self.slabWidth) {
            let columns = start..<min(start + Self.slabWidth, hiddenWidth)
            hidden(columns, gated, linear)
            if let gated {
                ckernels_activate_gated(activation, linear, gated, linear, rows * columns.count)
            } else {
                ckernels_activate(activation, linear, linear, rows * columns.count)
            }
            output.inputs(columns).apply(
                linear, stride: columns.count, to: y, stride: output.outputs, rows: rows,
                keep: start == 0 ? 0 : 1)
        }
        if let bias = weights.output.bias {
            y.addToRows(bias.values, rows: rows, columns: output.outputs, stride: output.outputs)
        }
        workspace.reset(to: mark)
    }
}
