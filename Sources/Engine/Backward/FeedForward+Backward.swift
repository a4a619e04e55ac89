import CKernels
import Models

extension FeedForward {
    /// The gradient dx of the input from dy, that of the output, both `[rows, d_model]`.
    /// - Parameters:
    ///   - input: the input projection that the forward pass kept, `[rows, d_mlp]`.
    ///   - gate: the gate's projection, `[rows, d_mlp]`, where the MLP has a gate.
    func applyBackward(
        _ dy: UnsafePointer<Float>, input: UnsafePointer<Float>, gate: UnsafePointer<Float>?,
        to dx: UnsafeMutablePointer<Float>, rows: Int, workspace: Workspace
    ) {
        let mark = workspace.mark
        let count = rows * hiddenWidth
        let dPost = workspace.take(count)
        let dInput = workspace.take(count)
        weights.output.weight.applyTransposed(
            dy, stride: dModel, to: dPost, stride: hiddenWidth, rows: rows)
        if let gateWeights = weights.gate, let gate {
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
