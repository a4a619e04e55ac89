package import Basics
import Engine
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
        guard logits.allSatisfy(\.isFinite) else {
            throw Failure(
                .badData,
                "with these changes a logit is infinite or not a number: a weight of the transcoders "
                    + "is damaged, or an activation is set too high for float32")
        }
        return logits
    }

    /// The normalised final stream at the last position with the changes made, `[d_model]`.
    func finalStream(
        _ mode: InterventionMode, continuation: [Int32] = []
    ) throws(Failure) -> FloatBuffer {
        let all = 0..<set.layers.count
        switch mode {
        case .direct: return directFinalStream()
        case .layers(let range):
            guard range.upperBound <= all.upperBound else {
                throw Failure(
                    .usage,
                    "layers:\(range.lowerBound):\(range.upperBound): there are only "
                        + "\(all.upperBound) layers")
            }
            if range == all, continuation.isEmpty { return directFinalStream() }
        case .open, .frozenAttention: break
        }
        let pass = InterventionPass(self, mode, continuation: continuation)
        let tokens = run.tokens + continuation
        try run.transformer.validate([tokens])
        return run.transformer.finalStream(
            RowLayout(lengths: [tokens.count]), of: [tokens], rows: [tokens.count - 1],
            hooks: pass.hooks)
    }

    /// Generates tokens after the prompt, the likeliest each time.
    /// - Throws: `Failure` for `direct`, in which there is nothing after the prompt.
    package func generate(_ count: Int, _ mode: InterventionMode) throws(Failure) -> [Int32] {
        if mode == .direct, count > 0 {
            throw Failure(
                .usage,
                "in the mode direct nothing is generated: the model is a linear one of the prompt; "
                    + "take open or frozen-attention")
        }
        var generated: [Int32] = []
        while generated.count < count {
            let logits = try logits(mode, continuation: generated)
            let best = logits.indices.max { (logits[$0], $1) < (logits[$1], $0) } ?? 0
            generated.append(Int32(best))
        }
        return generated
    }

    /// A feature's activation on the unchanged prompt.
    package func cleanActivation(layer: Int, feature: Int, position: Int) -> Float {
        clean.activation(
            of: feature, layer: layer, position: position,
            stream: run.layers[layer].mlpStream.values + position * run.dModel,
            run.layers[layer].mlpNorm.norm)
    }

    /// Adds what the changes of a layer's features write to the layers' outputs.
    /// - Parameters:
    ///   - length: positions of the pass.
    ///   - current: a feature's activation in the pass.
    func addWrites(
        ofLayer layer: Int, length: Int, current: (_ feature: Int, _ position: Int) -> Float,
        to written: [FloatBuffer]
    ) {
        let dModel = run.dModel
        let row = FloatBuffer(count: dModel)
        // The last change of a feature at a position is the one that counts.
        var changed = Set<ChangedPlace>()
        for change in changes.reversed() where change.place.layer == layer {
            let feature = change.place.feature
            for position in change.place.positions(below: length) {
                if position >= run.length, !change.place.isOpenEnded { continue }
                guard changed.insert(ChangedPlace(feature: feature, position: position)).inserted
                else { continue }
                let value: Float =
                    switch change.value {
                    case .set(let value): value
                    case .multiply(let factor):
                        factor
                            * (position < run.length
                                ? cleanActivation(
                                    layer: layer, feature: feature, position: position)
                                : current(feature, position))
                    }
                let delta = value - current(feature, position)
                for (n, output) in set.outputs(ofLayer: layer).enumerated() {
                    set.layers[layer].copyDecoder(of: feature, output: n, to: row.values)
                    (written[output].values + position * dModel).add(
                        row.values, times: delta, count: dModel)
                }
            }
        }
    }

    /// What the changes write to each layer's output, with activations of the unchanged prompt.
    func directWrites() -> [FloatBuffer] {
        let written = set.layers.map { _ in FloatBuffer(zeros: run.length * run.dModel) }
        for layer in set.layers.indices {
            addWrites(
                ofLayer: layer, length: run.length,
                current: { cleanActivation(layer: layer, feature: $0, position: $1) }, to: written)
        }
        return written
    }

    private func directFinalStream() -> FloatBuffer {
        let (dModel, last) = (run.dModel, run.length - 1)
        let stream = LinearPass(run: run, set: set).propagate(directWrites())
        let final = FloatBuffer(count: dModel)
        run.finalNorm.apply(stream.values + last * dModel, position: last, to: final.values)
        final.values.add(run.finalStream.values + last * dModel, count: dModel)
        return final
    }
}

/// A feature of a layer at a position.
private struct ChangedPlace: Hashable {
    let feature: Int
    let position: Int
}

/// Reads single features' activations from a stream.
struct FeatureReader: Sendable {
    let set: TranscoderSet

    init(_ set: TranscoderSet) { self.set = set }

    /// The activation of a feature where the stream before the MLP is `stream`, `[d_model]`.
    func activation(
        of feature: Int, layer: Int, position: Int, stream: UnsafePointer<Float>,
        _ norm: Normalizer
    ) -> Float {
        if position < set.quietPositionCount { return 0 }
        let (transcoder, dModel) = (set.layers[layer], norm.width)
        let read = FloatBuffer(count: dModel)
        TranscoderPass.reads(stream, of: set, norm, rows: 1, to: read.values)
        if case .topK(let k) = set.activation {
            // Whether it is among the largest depends on all.
            let z = FloatBuffer(count: set.featureCount)
            let blocks = EncoderBlocks(transcoder)
            let workspace = Workspace()
            for block in 0..<blocks.count {
                _ = blocks.apply(
                    block, read.values, rows: 1, to: z.values + blocks.features(block).lowerBound,
                    stride: set.featureCount, workspace: workspace)
            }
            return TranscoderPass.largest(k, z.values, set.featureCount)
                .first { $0.feature == Int32(feature) }?.activation ?? 0
        }
        let row = FloatBuffer(count: dModel)
        transcoder.copyEncoder(of: feature, to: row.values)
        let z = dot(read.values, row.values, count: dModel) + transcoder.encoderBias[feature]
        let threshold = set.activation == .jumpReLU ? transcoder.thresholds?[feature] ?? 0 : 0
        // What isn't a number is no feature that is off: it goes on, and the logits are refused.
        return z > threshold || z.isNaN ? z : 0
    }
}
