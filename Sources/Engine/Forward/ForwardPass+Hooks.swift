import Models

extension ForwardPass {
    /// Hands an activation, `[rows, width]`, to the hook where one is wanted here.
    func visit(_ point: HookPoint, _ values: UnsafeMutablePointer<Float>, width: Int) {
        if hooks.points.contains(point) {
            hooks.body(
                point, ActivationBlock(values: values, rows: rows, prompts: prompts, width: width))
        }
    }

    /// Normalises x into y, which may be x; in steps where a hook wants the divisor, or the normalised
    /// values before gain and bias.
    /// - Parameters:
    ///   - x: `[rows, vectors * width]`, of the norm's width.
    ///   - count: how many vectors a row has that are normalised by themselves.
    func normalize(
        _ x: UnsafePointer<Float>, count: Int = 1, by norm: Normalizer,
        to y: UnsafeMutablePointer<Float>, _ scale: HookPoint, _ normalized: HookPoint
    ) {
        let (vectors, width) = (rowCount * count, norm.width)
        let wantsScale = hooks.points.contains(scale)
        guard norm.kind != .none, wantsScale || hooks.points.contains(normalized) else {
            return norm.apply(x, to: y, rows: vectors)
        }
        let mark = workspace.mark
        let inverse = workspace.take(vectors)
        norm.applyWithoutGain(x, to: y, rows: vectors, inverseScale: inverse)
        if wantsScale {
            let divisors = workspace.take(vectors)
            for index in 0..<vectors { divisors[index] = 1 / inverse[index] }
            visit(scale, divisors, width: count)
            // The pass goes on with the divisors that a hook has put there.
            for index in 0..<vectors where divisors[index] != 1 / inverse[index] {
                (y + index * width).scale(
                    by: 1 / inverse[index] / divisors[index], count: width)
            }
        }
        visit(normalized, y, width: count * width)
        norm.applyGain(to: y, rows: vectors)
        workspace.reset(to: mark)
    }

    /// Normalises and rotates queries and keys in place, where the model does that.
    func prepare(_ vectors: HeadVectors, of weights: Attention, _ index: Int) {
        if let norm = weights.queryNorm?.normalizer {
            normalize(
                vectors.queries, count: weights.headCount * weights.dHead / norm.width, by: norm,
                to: vectors.queries, .block(index, .queryNormScale), .block(index, .queryNormalized)
            )
        }
        if let norm = weights.keyNorm?.normalizer {
            normalize(
                vectors.keys, count: vectors.keyCount * weights.dHead / norm.width, by: norm,
                to: vectors.keys, .block(index, .keyNormScale), .block(index, .keyNormalized))
        }
        attention.rotate(vectors, of: weights)
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
