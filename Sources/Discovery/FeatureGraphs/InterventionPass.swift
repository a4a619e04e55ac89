import Engine
import Models

/// A forward pass in which features are changed: hooks that replace attention patterns and MLP outputs.
///
/// It is of one prompt, so that one thread calls its hooks one after the other.
final class InterventionPass: @unchecked Sendable {
    private let intervention: FeatureIntervention
    private let mode: InterventionMode
    private let length: Int
    private let reader: FeatureReader
    private let workspace = Workspace()
    /// The stream that the layer's MLP reads, `[position, d_model]`.
    private let stream: FloatBuffer
    /// What changes write to the layers' outputs, `[layer][position, d_model]`.
    private let written: [FloatBuffer]

    private var run: FrozenRun { intervention.run }
    private var transcoders: TranscoderSet { intervention.set }
    private var dModel: Int { run.dModel }

    init(_ intervention: FeatureIntervention, _ mode: InterventionMode, continuation: [Int32]) {
        self.intervention = intervention
        self.mode = mode
        length = intervention.run.length + continuation.count
        reader = FeatureReader(intervention.set)
        let size = length * intervention.run.dModel
        stream = FloatBuffer(count: size)
        written = intervention.set.layers.map { _ in FloatBuffer(zeros: size) }
    }

    /// The layers whose MLPs stay as they were.
    private var constrained: Range<Int>? {
        if case .layers(let range) = mode { range } else { nil }
    }

    var hooks: ForwardHooks {
        var points: Set<HookPoint> = []
        for layer in run.layers.indices {
            points.insert(.block(layer, run.isParallel ? .residualPre : .residualMid))
            points.insert(.block(layer, .mlpOut))
            if mode != .open { points.insert(.block(layer, .pattern)) }
        }
        return ForwardHooks(at: points) { [self] point, block in
            guard case .block(let layer, let part) = point else { return }
            switch part {
            case .pattern: freezePattern(layer, block.values)
            case .mlpOut: changeOutput(layer, block.values)
            default: stream.values.update(from: block.values, count: length * dModel)
            }
        }
    }

    /// Puts the unchanged prompt's pattern in place of the prompt's rows, `[query, head, key]`.
    private func freezePattern(_ layer: Int, _ pattern: UnsafeMutablePointer<Float>) {
        let heads = run.layers[layer].layer.attention.headCount
        let clean = run.layers[layer].patterns.values
        for row in 0..<run.length * heads {
            (pattern + row * length).update(from: clean + row * run.length, count: run.length)
            (pattern + row * length + run.length).update(repeating: 0, count: length - run.length)
        }
    }

    private func changeOutput(_ layer: Int, _ output: UnsafeMutablePointer<Float>) {
        let frozen = run.layers[layer]
        intervention.addWrites(
            ofLayer: layer, length: length,
            current: { feature, position in
                if constrained != nil, position < run.length {
                    return intervention.cleanActivation(
                        layer: layer, feature: feature, position: position)
                }
                return reader.activation(
                    of: feature, layer: layer, position: position,
                    stream: stream.values + position * dModel, frozen.mlpNorm.norm)
            }, to: written)
        let isConstrained = constrained.map { $0.contains(layer) }
        // Outside of the layers that are held, nothing is written but in what is generated.
        let first = isConstrained == false ? run.length : 0
        let hasNorm = transcoders.outputHook == .mlpModule && frozen.postMLPNorm != nil
        let start = first * dModel
        let size = length * dModel
        if hasNorm {
            recomputeModule(frozen, to: output, from: first)
        }
        if isConstrained == true { freezeOutput(layer, frozen, output) }
        (output + start).add(written[layer].values + start, count: size - start)
        if hasNorm, let norm = frozen.postMLPNorm, first < length {
            norm.norm.apply(output + start, to: output + start, rows: length - first)
        }
    }

    /// The MLP's output before the norm that follows it, which no hook point gives.
    private func recomputeModule(
        _ frozen: FrozenLayer, to output: UnsafeMutablePointer<Float>, from first: Int
    ) {
        guard first < length else { return }
        let mark = workspace.mark
        let rows = length - first
        let normalized = workspace.take(rows * dModel)
        frozen.mlpNorm.norm.apply(stream.values + first * dModel, to: normalized, rows: rows)
        frozen.layer.mlp.apply(
            normalized, to: output + first * dModel, rows: rows, workspace: workspace)
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
        let (now, clean) = (workspace.take(size), workspace.take(size))
        let norm = frozen.mlpNorm.norm
        TranscoderPass.reads(stream.values, of: transcoders, norm, rows: rows, to: now)
        TranscoderPass.reads(frozen.mlpStream.values, of: transcoders, norm, rows: rows, to: clean)
        now.subtract(clean, count: size)
        skip.apply(now, stride: dModel, to: output, stride: dModel, rows: rows, keep: 1)
        workspace.reset(to: mark)
    }
}
