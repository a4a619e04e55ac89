import CKernels
package import Models

/// The MLP of one layer, ready to run.
package struct FeedForward: Sendable {
    /// Its projections.
    package let weights: MLPWeights
    let activation: ckernels_activation

    /// An MLP with this nonlinearity.
    package init(_ weights: MLPWeights, activation: ModelConfiguration.Activation) {
        self.weights = weights
        self.activation =
            switch activation {
            case .gelu: ckernels_gelu
            case .geluTanh: ckernels_gelu_tanh
            case .silu: ckernels_silu
            case .relu: ckernels_relu
            }
    }

    /// d_mlp.
    package var hiddenWidth: Int { weights.input.weight.outputs }
    /// d_model.
    var dModel: Int { weights.input.weight.inputs }

    /// y = MLP(x), with x and y `[rows, d_model]`; they may be the same.
    /// - Parameters:
    ///   - pre: called with the hidden layer before the nonlinearity, `[rows, d_mlp]` (of a gated
    ///     MLP, the gate's); it may change the values.
    ///   - linear: called with what a gated MLP multiplies with its gate, `[rows, d_mlp]`; it may
    ///     change the values.
    ///   - hidden: called with the hidden layer after the nonlinearity, `[rows, d_mlp]`, before the
    ///     output projection; it may change the values.
    package func apply(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int,
        workspace: Workspace, pre: ((UnsafeMutablePointer<Float>) -> Void)? = nil,
        linear: ((UnsafeMutablePointer<Float>) -> Void)? = nil,
        hidden: ((UnsafeMutablePointer<Float>) -> Void)? = nil
    ) {
        let mark = workspace.mark
        let post = workspace.take(rows * hiddenWidth)
        let gate = weights.gate == nil ? nil : workspace.take(rows * hiddenWidth)
        apply(
            x, input: post, gate: gate, hiddenLayer: post, to: y, rows: rows, pre: pre,
            linear: linear, hidden: hidden)
        workspace.reset(to: mark)
    }

    /// y = MLP(x), step by step.
    /// - Parameters:
    ///   - input: receives the input projection, `[rows, d_mlp]`.
    ///   - gate: receives the gate's projection, `[rows, d_mlp]`, where the MLP has a gate.
    ///   - hiddenLayer: receives the hidden layer after the nonlinearity, `[rows, d_mlp]`; it may
    ///     be `input`.
    func apply(
        _ x: UnsafePointer<Float>, input: UnsafeMutablePointer<Float>,
        gate: UnsafeMutablePointer<Float>?, hiddenLayer post: UnsafeMutablePointer<Float>,
        to y: UnsafeMutablePointer<Float>, rows: Int,
        pre: ((UnsafeMutablePointer<Float>) -> Void)? = nil,
        linear: ((UnsafeMutablePointer<Float>) -> Void)? = nil,
        hidden: ((UnsafeMutablePointer<Float>) -> Void)? = nil
    ) {
        let count = rows * hiddenWidth
        weights.input.apply(x, stride: dModel, to: input, stride: hiddenWidth, rows: rows)
        if let gateWeights = weights.gate, let gate {
            gateWeights.apply(x, stride: dModel, to: gate, stride: hiddenWidth, rows: rows)
            pre?(gate)
            linear?(input)
            ckernels_activate_gated(activation, post, gate, input, count)
        } else {
            pre?(input)
            ckernels_activate(activation, post, input, count)
        }
        hidden?(post)
        weights.output.apply(post, stride: hiddenWidth, to: y, stride: dModel, rows: rows)
    }
}
