import Models

extension ForwardPass {
    /// Hands an activation, `[rows, width]`, to the hook where one is wanted here.
    func visit(_ point: HookPoint, _ values: UnsafeMutablePointer<Float>, width: Int) {
        if hooks.points.contains(point) {
            hooks.body(
                point, ActivationBlock(values: values, rows: rows, prompts: prompts, width: width))
        }
    }

    /// Normalises x `[rows, d_model]` into y, which may be x; in steps where a hook wants the divisor,
    /// or the normalised values before gain and bias.
    func normalize(
        _ x: UnsafePointer<Float>, by norm: Normalizer, to y: UnsafeMutablePointer<Float>,
        _ scale: HookPoint, _ normalized: HookPoint
    ) {
        let wantsScale = hooks.points.contains(scale)
        guard norm.kind != .none, wantsScale || hooks.points.contains(normalized) else {
            return norm.apply(x, to: y, rows: rowCount)
        }
        let mark = workspace.mark
        let inverse = workspace.take(rowCount)
        norm.applyWithoutGain(x, to: y, rows: rowCount, inverseScale: inverse)
        if wantsScale {
            let divisors = workspace.take(rowCount)
            for row in 0..<rowCount { divisors[row] = 1 / inverse[row] }
            visit(scale, divisors, width: 1)
            // The pass goes on with the divisors that a hook has put there.
            for row in 0..<rowCount where divisors[row] != 1 / inverse[row] {
                (y + row * dModel).scale(by: 1 / inverse[row] / divisors[row], count: dModel)
            }
        }
        visit(normalized, y, width: dModel)
        norm.applyGain(to: y, rows: rowCount)
        workspace.reset(to: mark)
    }

    /// Hands the logits of all rows to a hook that wants them. Nothing is computed from them.
    func visitLogits() {
        guard hooks.points.contains(.unembedOut) else { return }
        let mark = workspace.mark
        let width = configuration.dVocabOut
        let logits = workspace.take(rowCount * width)
        transformer.model.unembedding.apply(
            normalized, stride: dModel, to: logits, stride: width, rows: rowCount)
        visit(.unembedOut, logits, width: width)
        workspace.reset(to: mark)
    }
}
