/// A norm after a component, before its output joins the stream; most models have none.
extension Normalizer? {
    /// Writes what joins the stream.
    /// - Parameter x: the component's own output, `[rows, d_model]`; nil without a norm, where
    ///   `output` already holds it.
    func applyAfter(
        _ x: UnsafePointer<Float>?, to output: UnsafeMutablePointer<Float>, rows: Int
    ) {
        if let norm = self, let x { norm.apply(x, to: output, rows: rows) }
    }

    /// The gradient of the component's own output from that of what joins the stream,
    /// `[rows, d_model]`: in the workspace, or without a norm the same gradient.
    /// - Parameter x: the component's own output; nil without a norm.
    func gradientBefore(
        _ dOutput: UnsafePointer<Float>, at x: UnsafePointer<Float>?, rows: Int,
        in workspace: Workspace
    ) -> UnsafePointer<Float> {
        guard let norm = self, let x else { return dOutput }
        let gradient = workspace.take(rows * norm.width)
        norm.applyBackward(dOutput, at: x, to: gradient, rows: rows, accumulate: false)
        return UnsafePointer(gradient)
    }
}
