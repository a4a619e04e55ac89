import CKernels
import Models

extension FeedForward {
    /// y = MLP(x), keeping what the backward pass needs.
    /// - Parameters:
    ///   - x: `[rows, d_model]`.
    ///   - input: receives the input projection `[rows, d_mlp]`.
    ///   - gate: receives the gate's projection `[rows, d_mlp]`, where the MLP has a gate.
    func apply(
        _ x: UnsafePointer<Float>, keeping input: UnsafeMutablePointer<Float>,
        gate: UnsafeMutablePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int,
        workspace: inout Workspace, hidden: ((UnsafeMutablePointer<Float>) -> Void)? = nil
    ) {
        let mark = workspace.mark
        let dModel = weights.input.weight.inputs
        let count = rows * hiddenWidth
        let post = workspace.take(count)
        weights.input.apply(x, stride: dModel, to: input, stride: hiddenWidth, rows: rows)
        if let gateWeights = weights.gate {
            gateWeights.apply(x, stride: dModel, to: gate, stride: hiddenWidth, rows: rows)
            ckernels_activate_gated(activation, post, gate, input, count)
        } else {
            ckernels_activate(activation, post, input, count)
        }
        hidden?(post)
        weights.output.apply(post, stride: hiddenWidth, to: y, stride: dModel, rows: rows)
        workspace.reset(to: mark)
    }

    /// The gradient dx of the input from dy, that of the output, both `[rows, d_model]`.
    func applyBackward(
        _ dy: UnsafePointer<Float>, input: UnsafePointer<Float>, gate: UnsafePointer<Float>,
        to dx: UnsafeMutablePointer<Float>, rows: Int, workspace: inout Workspace
    ) {
        let mark = workspace.mark
        let dModel = weights.input.weight.inputs
        let count = rows * hiddenWidth
        let dPost = workspace.take(count)
        let dInput = workspace.take(count)
        weights.output.weight.applyTransposed(
            dy, stride: dModel, to: dPost, stride: hiddenWidth, rows: rows)
        if let gateWeights = weights.gate {
            let dGate = workspace.take(count)
            ckernels_activate_gated_backward(activation, dGate, dInput, dPost, gate, input, count)
            gateWeights.weight.applyTransposed(
                dGate, stride: hiddenWidth, to: dx, stride: dModel, rows: rows)
            weights.input.weight.applyTransposed(
                dInput, stride: hiddenWidth, to: dx, stride: dModel, rows: rows, keep: 1)
        } else {
            ckernels_activate_backward(activation, dInput, dPost, input, count)
            weights.input.weight.applyTransposed(
                dInput, stride: hiddenWidth, to: dx, stride: dModel, rows: rows)
        }
        workspace.reset(to: mark)
    }
}
