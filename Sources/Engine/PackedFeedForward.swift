internal import CKernels
internal import Models

/// The MLP of one layer with packed weights, run a slab of its hidden layer after the other, so
/// that the hidden values of many rows stay in the cache.
public struct PackedFeedForward: Sendable {
    /// The hidden layer's width per slab.
    public static let slabWidth = 256

    private let mlp: FeedForward
    private let gate: PackedWeight?
    private let input: PackedWeight?
    private let output: PackedWeight

    /// An MLP whose input projections are packed too.
    public init(_ mlp: FeedForward, gate: PackedWeight?, input: PackedWeight, output: PackedWeight)
    {
        self.mlp = mlp
        self.gate = gate
        self.input = input
        self.output = output
    }

    /// An MLP whose hidden layer is given; only its output projection is packed.
    public init(_ mlp: FeedForward, output: PackedWeight) {
        self.mlp = mlp
        gate = nil
        input = nil
        self.output = output
    }

    /// y = MLP(x), with x and y `[rows, d_model]`, not the same.
    public func apply(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int,
        workspace: inout Workspace
    ) {
        guard let input else { preconditionFailure("the hidden layer is to be given") }
        let (gate, dModel, mlp) = (gate, input.inputs, mlp)
        apply(to: y, rows: rows, workspace: &workspace) { columns, gated, linear in
            input.apply(
                x, stride: dModel, to: linear, stride: columns.count, rows: rows, outputs: columns)
            if let bias = mlp.weights.input.bias {
                ckernels_add_bias(
                    linear, bias.values + columns.lowerBound, rows, columns.count, columns.count)
            }
            guard let gate, let gated else { return }
            gate.apply(
                x, stride: dModel, to: gated, stride: columns.count, rows: rows, outputs: columns)
            if let bias = mlp.weights.gate?.bias {
                ckernels_add_bias(
                    gated, bias.values + columns.lowerBound, rows, columns.count, columns.count)
            }
        }
    }

    /// y = the MLP's output, `[rows, d_model]`, from its hidden layer.
    /// - Parameter hidden: writes the hidden layer before the nonlinearity at some of its columns,
    ///   `[rows, columns]`: of a gated MLP its gate and the other factor, else the latter alone.
    public func apply(
        to y: UnsafeMutablePointer<Float>, rows: Int, workspace: inout Workspace,
        hidden: (
            _ columns: Range<Int>, _ gate: UnsafeMutablePointer<Float>?,
            _ input: UnsafeMutablePointer<Float>
        ) -> Void
    ) {
        let mark = workspace.mark
        let isGated = mlp.weights.gate != nil
        let linear = workspace.take(rows * Self.slabWidth)
        let gated = isGated ? workspace.take(rows * Self.slabWidth) : nil
        for start in stride(from: 0, to: mlp.hiddenWidth, by: Self.slabWidth) {
            let columns = start..<min(start + Self.slabWidth, mlp.hiddenWidth)
            hidden(columns, gated, linear)
            if let gated {
                ckernels_activate_gated(
                    mlp.activation, linear, gated, linear, rows * columns.count)
            } else {
                ckernels_activate(mlp.activation, linear, linear, rows * columns.count)
            }
            output.apply(
                linear, stride: columns.count, to: y, stride: output.outputs, rows: rows,
                inputs: columns, keep: start == 0 ? 0 : 1)
        }
        if let bias = mlp.weights.output.bias {
            ckernels_add_bias(y, bias.values, rows, output.outputs, output.outputs)
        }
        workspace.reset(to: mark)
    }
}
