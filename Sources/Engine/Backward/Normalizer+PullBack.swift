extension Normalizer? {
    /// Normalises what a component puts out, if a norm comes after it.
    /// - Parameter x: what the norm reads, if there is one.
    func pushForward(
        _ x: UnsafePointer<Float>?, to output: UnsafeMutablePointer<Float>, rows: Int
    ) {
        if let norm = self, let x { norm.apply(x, to: output, rows: rows) }
    }

    /// The gradient of what a component puts out before the norm after it, from that of the norm's
    /// output, `[rows, d_model]`: in the workspace; without a norm the two are one.
    /// - Parameter x: what the norm read, if there is one.
    func pullBack(
        _ dOutput: UnsafePointer<Float>, at x: UnsafePointer<Float>?, rows: Int,
        in workspace: inout Workspace
    ) -> UnsafePointer<Float> {
        guard let norm = self, let x else { return dOutput }
        let gradient = workspace.take(rows * norm.width)
        norm.applyBackward(dOutput, at: x, to: gradient, rows: rows, accumulate: false)
        return UnsafePointer(gradient)
    }
}
