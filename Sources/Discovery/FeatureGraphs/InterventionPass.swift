import Engine
import Models

/// Forward passes over a prompt and what is generated after it, in which features are changed: hooks
/// that replace attention patterns and MLP outputs.
///
/// It is of one prompt, so that one thread calls its hooks one after the other. A pass is over all
/// positions, or over those alone that are appended to a prompt whose keys and values are kept.
final class InterventionPass: @unchecked Sendable {
    private let intervention: FeatureIntervention
    private let mode: InterventionMode
    /// The norms whose scales stay as they were, by where a pass has these: where all layers are held.
    private let heldNorms: [HookPoint: FrozenNorm]
    private let reader: FeatureReader
    private let workspace = Workspace()
    /// The stream that the layer's MLP reads, `[row, d_model]`.
    private let stream: FloatBuffer
    /// What changes write to the layers' outputs, `[layer][row, d_model]`; 0 before a layer's features
    /// have written.
    private let written: [FloatBuffer]

    private var run: FrozenRun { intervention.run }
    private var transcoders: TranscoderSet { intervention.set }
    private var dModel: Int { run.dModel }

    /// Prepares passes of at most `rows` rows.
    init(_ intervention: FeatureIntervention, _ mode: InterventionMode, rows: Int) {
        self.intervention = intervention
        self.mode = mode
        heldNorms =
            mode.isDirect(in: intervention.set) ? intervention.run.normsByScale : [:]
        reader = FeatureReader(intervention.set)
        let size = rows * intervention.run.dModel
        stream = FloatBuffer(count: size)
        written = intervention.set.layers.map { _ in FloatBuffer(zeros: size) }
    }

    /// The layers whose MLPs stay as they were.
    private var constrained: Range<Int>? {
        if case .layers(let range) = mode { range } else { nil }
    }

    /// The hooks of a pass.
    /// - Parameter position: the first that it computes; what is after the prompt has no pattern to go
    ///   back to, and only changes that are open-ended.
    func hooks(from position: Int) -> ForwardHooks {
        let isAfterPrompt = position >= run.length
        var points: Set<HookPoint> = []
        if mode != .open, !isAfterPrompt {
            points.formUnion(run.layers.indices.map { .block($0, .pattern) })
        }
        if !isAfterPrompt { points.formUnion(heldNorms.keys) }
        let written = intervention.layersWritten(afterPrompt: isAfterPrompt)
        for layer in isAfterPrompt ? written : written.union(constrained ?? 0..<0) {
            points.insert(.block(layer, run.isParallel ? .residualPre : .residualMid))
            points.insert(.block(layer, .mlpOut))
        }
        return ForwardHooks(at: points) { [self] point, block in
            if let norm = heldNorms[point] { return norm.restoreScales(in: block) }
            guard case .block(let layer, let part) = point else { return }
            switch part {
            case .pattern: freezePattern(layer, block)
            case .mlpOut: changeOutput(layer, block.values, block.rows)
            default: stream.values.update(from: block.values, count: block.rows.count * dModel)
            }
        }
    }

    /// Puts the unchanged prompt's pattern in place of the prompt's rows, `[query, head, key]`.
    private func freezePattern(_ layer: Int, _ block: ActivationBlock) {
        let heads = run.layers[layer].layer.attention.headCount
        let clean = run.layers[layer].patterns.values
        let keys = block.width / heads
        for row in 0..<run.length * heads {
            let pattern = block.values + row * keys
            pattern.update(from: clean + row * run.length, count: run.length)
            (pattern + run.length).update(repeating: 0, count: keys - run.length)
        }
    }

    private func changeOutput(
        _ layer: Int, _ output: UnsafeMutablePointer<Float>, _ positions: Range<Int>
    ) {
        let frozen = run.layers[layer]
        intervention.addWrites(
            ofLayer: layer, at: positions, workspace: workspace,
            current: { feature, position in
                if constrained != nil, position < run.length {
                    return intervention.cleanActivation(
                        layer: layer, feature: feature, position: position, workspace: workspace)
                }
                return reader.activation(
                    of: feature, layer: layer, position: position,
                    stream: stream.values + (position - positions.lowerBound) * dModel,
                    frozen.mlpNorm.norm, workspace: workspace)
            }, to: written)
        let isConstrained = constrained.map { $0.contains(layer) }
        // Outside of the layers that are held, nothing is written but in what is generated.
        let first = isConstrained == false ? max(0, run.length - positions.lowerBound) : 0
        let hasNorm = transcoders.outputHook == .mlpModule && frozen.postMLPNorm != nil
        let start = first * dModel
        let size = positions.count * dModel
        if first < positions.count {
            if hasNorm {
                recomputeModule(frozen, to: output, rows: first..<positions.count)
            }
            if isConstrained == true, positions.lowerBound < run.length {
                freezeOutput(layer, frozen, output)
            }
            (output + start).add(written[layer].values + start, count: size - start)
            if hasNorm, let norm = frozen.postMLPNorm {
                normalize(output, by: norm, rows: first..<positions.count, positions)
            }
        }
        written[layer].values.update(repeating: 0, count: size)
    }

    /// Normalises rows of what an MLP outputs, in place: those of the prompt by the scales that are held,
    /// if they are.
    private func normalize(
        _ output: UnsafeMutablePointer<Float>, by norm: FrozenNorm, rows: Range<Int>,
        _ positions: Range<Int>
    ) {
        let prompt = heldNorms.isEmpty ? 0 : run.length - positions.lowerBound
        let free = min(max(rows.lowerBound, prompt), rows.upperBound)
        for row in rows.lowerBound..<free {
            norm.applyWithBias(
                output + row * dModel, position: positions.lowerBound + row,
                to: output + row * dModel)
        }
        let rest = output + free * dModel
        norm.norm.apply(rest, to: rest, rows: rows.upperBound - free)
    }

    /// The MLP's output before the norm that follows it, which no hook point gives.
    private func recomputeModule(
        _ frozen: FrozenLayer, to output: UnsafeMutablePointer<Float>, rows: Range<Int>
    ) {
        let mark = workspace.mark
        let start = rows.lowerBound * dModel
        let normalized = workspace.take(rows.count * dModel)
        frozen.mlpNorm.norm.apply(stream.values + start, to: normalized, rows: rows.count)
        frozen.layer.mlp.apply(
            normalized, to: output + start, rows: rows.count, workspace: workspace)
        workspace.reset(to: mark)
    }

    /// The unchanged prompt's output in place of the pass's, with what the skip connection changes.
    private func freezeOutput(
        _ layer: Int, _ frozen: FrozenLayer, _ output: UnsafeMutablePointer<Float>
    ) {
        let (rows, size) = (run.length, run.length * dModel)
        output.update(from: frozen.output.values, count: size)
        guard let skip = transcoders.layers[layer].skip else { return }
        let mark = workspace.mark
        let (now, other) = (workspace.take(size), workspace.take(size))
        if heldNorms.isEmpty {
            let norm = frozen.mlpNorm.norm
            TranscoderPass.reads(stream.values, of: transcoders, norm, rows: rows, to: now)
            TranscoderPass.reads(
                frozen.mlpStream.values, of: transcoders, norm, rows: rows, to: other)
            now.subtract(other, count: size)
        } else {
            other.update(from: stream.values, minus: frozen.mlpStream.values, count: size)
            LinearPass(run: run, set: transcoders).changeOfRead(frozen, other, to: now, workspace)
        }
        skip.apply(now, stride: dModel, to: output, stride: dModel, rows: rows, keep: 1)
        workspace.reset(to: mark)
    }
}
