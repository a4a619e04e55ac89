import Engine
import Models

/// How gradients go back through the linearised model: through the residual stream, attention heads'
/// values and skip connections, since all else is constant. The transpose of `LinearPass`.
///
/// Rows of a gradient are `[position, target, d_model]`: each target has its own at all positions.
struct LinearBackward {
    let run: FrozenRun
    let set: TranscoderSet

    /// Adds the gradient at the stream that a target reads, `[d_model]`.
    func inject(_ target: DirectEffects.Target, to g: UnsafeMutablePointer<Float>) {
        target.direction.withUnsafeBufferPointer {
            guard let direction = $0.baseAddress else { return }
            if target.layer == run.layers.count {
                run.finalNorm.addBackward(direction, position: target.position, rows: 1, to: g)
            } else {
                TranscoderPass.addReadsBackward(
                    direction, of: set, run.layers[target.layer].mlpNorm,
                    position: target.position, rows: 1, to: g)
            }
        }
    }

    /// Takes the gradient at what targets read back to the embeddings.
    /// - Parameters:
    ///   - g: the gradient at the stream before the MLP of layer `start`, or at the final stream where
    ///     that is the number of layers; becomes that at the embeddings.
    ///   - positions: how many, from the first on.
    ///   - first: positions before this one have no gradient yet.
    ///   - usingHeads: whether gradients go through attention, or past it only.
    ///   - atAttention: gets the layer, the gradient at what follows its attention, and the first
    ///     position that has one.
    ///   - atOutput: gets the layer and the gradient at its output hook.
    func sweep(
        _ g: UnsafeMutablePointer<Float>, from start: Int, positions: Int, first: Int,
        targets count: Int, usingHeads: Bool = true, _ workspace: Workspace,
        atAttention: (Int, UnsafePointer<Float>, _ first: Int) -> Void = { _, _, _ in },
        atOutput: (Int, UnsafePointer<Float>) -> Void
    ) {
        let size = positions * count * run.dModel
        var reached = first
        func back(throughAttentionOf layer: Int) {
            atAttention(layer, g, reached)
            guard usingHeads else { return }
            run.layers[layer].addAttentionBackward(
                g, positions: positions, from: reached, targets: count, workspace: workspace)
            reached = 0
        }
        if start < run.layers.count, !run.isParallel { back(throughAttentionOf: start) }
        for layer in (0..<start).reversed() {
            let mark = workspace.mark
            let output = gradientAtOutput(of: layer, g, positions, count, workspace)
            atOutput(layer, output)
            let skip = gradientThroughSkip(of: layer, output, positions, count, workspace)
            if let skip, !run.isParallel { g.add(skip, count: size) }
            back(throughAttentionOf: layer)
            if let skip, run.isParallel { g.add(skip, count: size) }
            workspace.reset(to: mark)
        }
    }

    /// The gradient at a layer's output hook: that of the stream after it, or that before the norm.
    private func gradientAtOutput(
        of layer: Int, _ g: UnsafePointer<Float>, _ positions: Int, _ count: Int,
        _ workspace: Workspace
    ) -> UnsafePointer<Float> {
        guard set.outputHook == .mlpModule, let norm = run.layers[layer].postMLPNorm else {
            return g
        }
        let block = count * run.dModel
        let output = workspace.take(positions * block)
        output.update(repeating: 0, count: positions * block)
        for position in 0..<positions {
            norm.addBackward(
                g + position * block, position: position, rows: count, to: output + position * block
            )
        }
        return UnsafePointer(output)
    }

    /// The gradient that goes back through a layer's skip connection, where it has one.
    private func gradientThroughSkip(
        of layer: Int, _ output: UnsafePointer<Float>, _ positions: Int, _ count: Int,
        _ workspace: Workspace
    ) -> UnsafePointer<Float>? {
        guard let skip = set.layers[layer].skip else { return nil }
        let (dModel, block) = (run.dModel, count * run.dModel)
        let read = workspace.take(positions * block)
        skip.applyTransposed(
            output, stride: dModel, to: read, stride: dModel, rows: positions * count)
        let result = workspace.take(positions * block)
        result.update(repeating: 0, count: positions * block)
        for position in 0..<positions {
            TranscoderPass.addReadsBackward(
                read + position * block, of: set, run.layers[layer].mlpNorm, position: position,
                rows: count, to: result + position * block)
        }
        return UnsafePointer(result)
    }
}
