package import Basics
package import Engine
import Graphs
package import Models

/// Changes of features' activations on a prompt, and what they change.
///
/// A change adds the difference to the feature's activation, times its decoder row, to the model's own
/// MLP outputs, not to the reconstruction. The rules are those of circuit-tracer's
/// `feature_intervention`.
package struct FeatureIntervention: Sendable {
    /// The unchanged prompt.
    package let run: FrozenRun
    /// The transcoders.
    package let set: TranscoderSet
    private let changes: [FeatureChange]
    private let clean: FeatureReader

    /// Prepares changes on a prompt.
    /// - Throws: `Failure` (usage) for a feature or a position that isn't there.
    package init(
        _ changes: [FeatureChange], on run: FrozenRun, _ set: TranscoderSet
    ) throws(Failure) {
        for change in changes { try change.validate(in: set, length: run.length) }
        self.changes = changes
        self.run = run
        self.set = set
        clean = FeatureReader(set)
    }

    /// The logits after the last position with the changes made. Of several changes of one feature at one
    /// position the last one counts.
    /// - Parameter continuation: tokens after the prompt, at which open-ended changes go on and all
    ///   else reacts; not with `direct`.
    package func logits(
        _ mode: InterventionMode, continuation: [Int32] = []
    ) throws(Failure) -> [Float] {
        let stream = try finalStream(mode, continuation: continuation)
        let logits = run.transformer.unembed(normalized: stream, rows: 1).array
        try Self.requireFinite(logits)
        return logits
    }

    private static func requireFinite(_ logits: [Float]) throws(Failure) {
        guard logits.allSatisfy(\.isFinite) else {
            throw Failure(
                .badData,
                "with these changes a logit is infinite or not a number: a weight of the transcoders "
                    + "is damaged, or an activation is set too high for float32")
        }
    }

    /// The normalised final stream at the last position with the changes made, `[d_model]`.
    func finalStream(
        _ mode: InterventionMode, continuation: [Int32] = []
    ) throws(Failure) -> FloatBuffer {
        try mode.validate(in: set)
        if mode == .direct || mode.isDirect(in: set) && continuation.isEmpty {
            return directFinalStream()
        }
        let tokens = run.tokens + continuation
        let pass = InterventionPass(self, mode, rows: tokens.count)
        try run.transformer.validate([tokens])
        return run.transformer.finalStream(
            RowLayout(lengths: [tokens.count]), of: [tokens], rows: [tokens.count - 1],
            hooks: pass.hooks(from: 0))
    }

    /// Generates tokens after the prompt, the likeliest each time.
    /// - Parameter vectors: steering vectors that are added, too. What the mode holds constant doesn't
    ///   react to them either.
    /// - Returns: the logits after the changed prompt, and the tokens.
    /// - Throws: `Failure` for tokens in `direct`, in which there is nothing after the prompt, or a vector
    ///   elsewhere than in the stream; and where the model can't read so many tokens.
    package func generate(
        _ count: Int, _ mode: InterventionMode, adding vectors: VectorPass? = nil
    ) throws(Failure) -> (logits: [Float], tokens: [Int32]) {
        if count > 0, mode == .direct {
            throw Failure(
                .usage,
                "in the mode direct nothing is generated: the model is a linear one of the prompt; "
                    + "take open or frozen-attention")
        }
        guard let vectors else {
            if count == 0 { return (try logits(mode), []) }
            return try generated(count, mode, adding: nil)
        }
        try mode.validate(in: set)
        guard count == 0, mode.isDirect(in: set) else {
            return try generated(count, mode, adding: vectors)
        }
        try requireLinear(vectors)
        _ = run.transformer.finalStream(
            RowLayout(lengths: [run.length]), of: [run.tokens], rows: [run.length - 1],
            hooks: vectors.measuringHooks)
        let stream = directFinalStream(adding: vectors.changes(dModel: run.dModel))
        let logits = run.transformer.unembed(normalized: stream, rows: 1).array
        try Self.requireFinite(logits)
        return (logits, [])
    }

    private func generated(
        _ count: Int, _ mode: InterventionMode, adding vectors: VectorPass?
    ) throws(Failure) -> (logits: [Float], tokens: [Int32]) {
        try mode.validate(in: set)
        let capacity = run.length + max(0, count - 1)
        let growing = try GrowingRun(run.transformer, capacity: capacity)
        let isCausal = run.transformer.configuration.isCausal
        let pass = InterventionPass(self, mode, rows: isCausal ? run.length : capacity)
        let result = try growing.generate(
            after: run.tokens, count: count,
            hooks: { pass.hooks(from: $0).adding(vectors) }, check: Self.requireFinite)
        return (result.first, result.tokens)
    }

    /// Refuses vectors at points that aren't in the linearised model.
    private func requireLinear(_ vectors: VectorPass) throws(Failure) {
        guard let point = vectors.points.first(where: { !LinearPass.takes($0) }) else { return }
        throw Failure(
            .usage,
            "a vector at \(point.name) has no direct effect: with all else constant there are only the "
                + "residual stream and what is added to it (hook_resid_pre, hook_attn_out, "
                + "hook_resid_mid, hook_mlp_out, hook_resid_post); take another mode")
    }

    /// The layers whose outputs changes write to.
    /// - Parameter afterPrompt: whether at positions after the prompt's.
    func layersWritten(afterPrompt: Bool) -> Set<Int> {
        changes.reduce(into: []) { layers, change in
            if !afterPrompt || change.place.isOpenEnded {
                layers.formUnion(set.outputs(ofLayer: change.place.layer))
            }
        }
    }

    /// A feature's activation on the unchanged prompt.
    package func cleanActivation(
        layer: Int, feature: Int, position: Int, workspace: Workspace
    ) -> Float {
        clean.activation(
            of: feature, layer: layer, position: position,
            stream: run.layers[layer].mlpStream.values + position * run.dModel,
            run.layers[layer].mlpNorm.norm, workspace: workspace)
    }

    /// Adds what the changes of a layer's features write to the layers' outputs.
    /// - Parameters:
    ///   - positions: those of the pass.
    ///   - current: a feature's activation in the pass.
    ///   - written: `[layer][position, d_model]`, from the pass's first position on.
    func addWrites(
        ofLayer layer: Int, at positions: Range<Int>, workspace: Workspace,
        current: (_ feature: Int, _ position: Int) -> Float, to written: [FloatBuffer]
    ) {
        let (mark, dModel) = (workspace.mark, run.dModel)
        let row = workspace.take(dModel)
        for (number, change) in changes.enumerated() where change.place.layer == layer {
            let feature = change.place.feature
            for position in change.place.positions(below: positions.upperBound) {
                if position < positions.lowerBound || isOverruled(number, at: position) { continue }
                let value: Float =
                    switch change.value {
                    case .set(let value): value
                    case .multiply(let factor):
                        factor
                            * (position < run.length
                                ? cleanActivation(
                                    layer: layer, feature: feature, position: position,
                                    workspace: workspace)
                                : current(feature, position))
                    }
                let delta = value - current(feature, position)
                let offset = (position - positions.lowerBound) * dModel
                for (n, output) in set.outputs(ofLayer: layer).enumerated() {
                    set.layers[layer].copyDecoder(of: feature, output: n, to: row)
                    (written[output].values + offset).add(row, times: delta, count: dModel)
                }
            }
        }
        workspace.reset(to: mark)
    }

    /// Whether a later change is of the same feature at this position: the last one counts.
    private func isOverruled(_ number: Int, at position: Int) -> Bool {
        let place = changes[number].place
        return changes[(number + 1)...].contains { other in
            other.place.layer == place.layer && other.place.feature == place.feature
                && other.place.positions(below: position + 1).contains(position)
        }
    }

    /// What the changes write to each layer's output, with activations of the unchanged prompt.
    func directWrites() -> [FloatBuffer] {
        let written = set.layers.map { _ in FloatBuffer(zeros: run.length * run.dModel) }
        let workspace = Workspace(blockSize: 1 << 14)
        for layer in set.layers.indices {
            addWrites(
                ofLayer: layer, at: 0..<run.length, workspace: workspace,
                current: {
                    cleanActivation(
                        layer: layer, feature: $0, position: $1, workspace: workspace)
                }, to: written)
        }
        return written
    }

    private func directFinalStream(adding added: [HookPoint: FloatBuffer] = [:]) -> FloatBuffer {
        let (dModel, last) = (run.dModel, run.length - 1)
        let stream = LinearPass(run: run, set: set).propagate(directWrites(), added: added)
        let final = FloatBuffer(count: dModel)
        run.finalNorm.apply(stream.values + last * dModel, position: last, to: final.values)
        final.values.add(run.finalStream.values + last * dModel, count: dModel)
        return final
    }
}
