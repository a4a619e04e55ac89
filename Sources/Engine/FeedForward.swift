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

    /// y = MLP(x), with x and y `[rows, d_model]`; they may be the same.
    /// - Parameter hidden: called with the hidden layer after the nonlinearity, `[rows, d_mlp]`,
    ///   before the output projection; it may change the values.
    package func apply(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int,
        workspace: inout Workspace,
        pre: ((UnsafeMutablePointer<Float>) -> Void)? = nil,
        hidden: ((UnsafeMutablePointer<Float>) -> Void)? = nil
    ) {
        let mark = workspace.mark
        let dModel = weights.input.weight.inputs
        let count = rows * hiddenWidth
        let post = workspace.take(count)
        weights.input.apply(x, stride: dModel, to: post, stride: hiddenWidth, rows: rows)
        if let gate = weights.gate {
            let gated = workspace.take(count)
            gate.apply(x, stride: dModel, to: gated, stride: hiddenWidth, rows: rows)
            pre?(gated)
            ckernels_activate_gated(activation, post, gated, post, count)
        } else {
            pre?(post)
            ckernels_activate(activation, post, post, count)
        }
        hidden?(post)
        weights.output.apply(post, stride: hiddenWidth, to: y, stride: dModel, rows: rows)
        workspace.reset(to: mark)
    }
}
