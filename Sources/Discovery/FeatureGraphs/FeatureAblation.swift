package import Basics
package import Engine
import Graphs
package import Models

/// Runs prompts with features of transcoders ablated and everything else reacting.
///
/// What a feature adds to the model is its activation times its decoder row; of an ablated one that is
/// taken from the model's own MLP output, at every position, and what its ablated activation writes is
/// put there. So errors of the reconstruction and skip connections stay, and with nothing ablated the
/// model is itself. Activations are those of the pass with the ablation, as in circuit-tracer's
/// interventions with nothing held constant.
package struct FeatureAblation: Sendable {
    /// The activations of a prompt that aren't 0, `[layer][position]`.
    package struct Activations: Sendable {
        let values: [[[Int32: Float]]]
    }

    private let transformer: Transformer
    private let set: TranscoderSet

    /// Prepares runs of a model with a set that fits it.
    package init(_ transformer: Transformer, _ set: TranscoderSet) {
        self.transformer = transformer
        self.set = set
    }

    /// The activations of all features on a prompt.
    /// - Throws: `Failure` when the model can't read the prompt, or a weight isn't a number.
    package func activations(of tokens: [Int32]) throws(Failure) -> Activations {
        let pass = AblatedPass(transformer, set, length: tokens.count, recordsAll: true)
        _ = try finalStream(of: tokens, pass)
        return Activations(values: pass.activations)
    }

    /// The normalised final stream after the last position, `[d_model]`.
    /// - Parameters:
    ///   - isAblated: which features are, `[layer][feature]`.
    ///   - activations: what ablated features are set to, position by position: those of another prompt
    ///     of the same length; nil is 0.
    /// - Throws: `Failure` when the model can't read the prompt, or a weight isn't a number.
    package func finalStream(
        of tokens: [Int32], ablating isAblated: [[Bool]], to activations: Activations? = nil
    ) throws(Failure) -> FloatBuffer {
        let pass = AblatedPass(
            transformer, set, length: tokens.count, isAblated: isAblated,
            values: activations?.values)
        return try finalStream(of: tokens, pass)
    }

    private func finalStream(
        of tokens: [Int32], _ pass: AblatedPass
    ) throws(Failure) -> FloatBuffer {
        try transformer.validate([tokens])
        let stream = transformer.finalStream(
            RowLayout(lengths: [tokens.count]), of: [tokens], rows: [tokens.count - 1],
            hooks: pass.hooks)
        if let failure = pass.failure { throw failure }
        return stream
    }
}

/// A forward pass of one prompt, whose hooks one thread calls one after the other.
private final class AblatedPass: @unchecked Sendable {
    private let transformer: Transformer
    private let set: TranscoderSet
    private let length: Int
    private let isAblated: [[Bool]]
    private let values: [[[Int32: Float]]]?
    private let recordsAll: Bool
    private let stream: FloatBuffer
    private let written: [FloatBuffer]
    private let workspace = Workspace()
    private let scratch: ScratchPool
    /// What was recorded.
    private(set) var activations: [[[Int32: Float]]] = []
    /// What went wrong in a hook.
    private(set) var failure: Failure?

    private var dModel: Int { transformer.configuration.dModel }

    init(
        _ transformer: Transformer, _ set: TranscoderSet, length: Int, isAblated: [[Bool]] = [],
        values: [[[Int32: Float]]]? = nil, recordsAll: Bool = false
    ) {
        self.transformer = transformer
        self.set = set
        self.length = length
        self.isAblated = isAblated
        self.values = values
        self.recordsAll = recordsAll
        let size = length * transformer.configuration.dModel
        stream = FloatBuffer(count: size)
        written = set.layers.map { _ in FloatBuffer(zeros: size) }
        scratch = ScratchPool(workers: transformer.pool.threads)
    }

    var hooks: ForwardHooks {
        let isParallel = transformer.configuration.parallelAttentionMLP
        var points: Set<HookPoint> = []
        for layer in set.layers.indices {
            points.insert(.block(layer, isParallel ? .residualPre : .residualMid))
            points.insert(.block(layer, .mlpOut))
        }
        return ForwardHooks(at: points) { [self] point, block in
            guard case .block(let layer, let part) = point else { return }
            if part == .mlpOut {
                change(layer, block.values)
            } else {
                stream.values.update(from: block.values, count: length * dModel)
            }
        }
    }

    /// Takes what a layer's ablated features write from what follows, and adds what is written to its
    /// output.
    private func change(_ layer: Int, _ output: UnsafeMutablePointer<Float>) {
        guard failure == nil else { return }
        do throws(Failure) {
            try readFeatures(layer)
        } catch {
            failure = error
            return
        }
        guard !recordsAll else { return }
        let (own, size) = (transformer.layers[layer], length * dModel)
        guard set.outputHook == .mlpModule, let norm = own.postMLPNorm else {
            return output.add(written[layer].values, count: size)
        }
        // No hook point gives the output before the norm that follows it.
        let mark = workspace.mark
        let normalized = workspace.take(size)
        own.mlpNorm.apply(stream.values, to: normalized, rows: length)
        own.mlp.apply(normalized, to: output, rows: length, workspace: workspace)
        output.add(written[layer].values, count: size)
        norm.apply(output, to: output, rows: length)
        workspace.reset(to: mark)
    }

    private func readFeatures(_ layer: Int) throws(Failure) {
        if !recordsAll, !isAblated[layer].contains(true) { return }
        let active = try TranscoderPass(
            set: set, index: layer, stream: stream, length: length,
            norm: transformer.layers[layer].mlpNorm, pool: transformer.pool
        ).activeFeatures(scratch: scratch)
        if recordsAll {
            return activations.append(
                active.map { features in
                    Dictionary(uniqueKeysWithValues: features.map { ($0.feature, $0.activation) })
                })
        }
        let row = FloatBuffer(count: dModel)
        for (position, features) in active.enumerated() {
            var deltas: [Int32: Float] = values?[layer][position] ?? [:]
            for (feature, activation) in features { deltas[feature, default: 0] -= activation }
            for (feature, delta) in deltas.sorted(by: { $0.key < $1.key })
            where isAblated[layer][Int(feature)] && delta != 0 {
                for (n, output) in set.outputs(ofLayer: layer).enumerated() {
                    set.layers[layer].copyDecoder(of: Int(feature), output: n, to: row.values)
                    (written[output].values + position * dModel).add(
                        row.values, times: delta, count: dModel)
                }
            }
        }
    }
}
