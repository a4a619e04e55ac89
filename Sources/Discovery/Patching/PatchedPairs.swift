package import Artifacts
package import Basics
package import Engine
package import Experiments
import Models
import Tasks

/// Pairs on which activations of one run of the model are put into the other: both runs, and the
/// metric of each.
package struct PatchedPairs: Sendable {
    /// The model, the pairs with what senders output on both prompts, the metric, and what takes the
    /// place of an activation.
    package let experiment: Experiment
    /// Which run goes into which.
    package let direction: PatchDirection
    /// The metric on each clean prompt, `[pair]`.
    package let cleanMetric: [Double]
    /// The metric on each corrupted prompt, `[pair]`.
    package let corruptedMetric: [Double]

    /// What takes the place of each sender's output in the run that is patched.
    let ablated: SenderOutputs

    /// The metric of the run that is patched, `[pair]`.
    package var baseMetric: [Double] { direction == .noising ? cleanMetric : corruptedMetric }

    /// What senders output in the run that is patched.
    var base: SenderOutputs { direction == .noising ? experiment.clean : experiment.corrupted }

    var layout: RowLayout { experiment.clean.layout }

    /// Refuses pairs that can't be patched, before anything is run.
    /// - Throws: `Failure` (bad data) where there are no pairs, or the model can't read a prompt.
    package static func validate(
        _ dataset: DatasetArtifact, with transformer: Transformer
    ) throws(Failure) {
        guard dataset.pairCount > 0 else { throw Failure(.badData, "there are no pairs") }
        try transformer.validate(dataset.clean.ids) { "the clean prompt of pair \($0)" }
        try transformer.validate(dataset.corrupted.ids) { "the corrupted prompt of pair \($0)" }
    }

    /// Refuses what can't be put into a run of this direction.
    /// - Throws: `Failure` (usage) for optimal ablation of corrupted activations.
    package static func check(
        _ ablation: Ablation, _ direction: PatchDirection
    ) throws(Failure) {
        guard ablation != .optimal || direction == .noising else {
            throw Failure(
                .usage, "optimal ablation stands in for clean activations: choose noising")
        }
    }

    /// The pairs of an experiment, with the metric of both runs.
    /// - Throws: `Failure`: usage for optimal ablation of corrupted activations, bad data where an
    ///   answer has several tokens.
    package init(
        _ experiment: Experiment, direction: PatchDirection = .noising
    ) throws(Failure) {
        try Self.check(experiment.ablation, direction)
        // Effects are those of the pairs themselves, so what is read at several places isn't one.
        let metric = experiment.metric
        guard experiment.dataset.spelledFrom == nil else {
            let what =
                metric.metric == .answerLogProbability
                ? "a pair has an answer in several tokens"
                : "the metric \(metric.metric.label) reads several positions"
            throw Failure(
                .badData,
                "\(what), which patching doesn't take: use circuit-score or circuit-prune with it, "
                    + "or another metric")
        }
        func values(_ outputs: SenderOutputs) -> [Double] {
            metric.values(
                normalized: outputs.finalStream(with: experiment.transformer),
                pairs: Array(0..<experiment.pairCount))
        }
        self.experiment = experiment
        self.direction = direction
        cleanMetric = values(experiment.clean)
        corruptedMetric = values(experiment.corrupted)
        ablated =
            direction == .noising
            ? experiment.ablated
            : try experiment.ablation.outputs(
                clean: experiment.corrupted, corrupted: experiment.clean)
    }

    /// Activations of the run that is patched.
    func baseActivations(
        at points: Set<HookPoint>
    ) throws(Failure) -> [HookPoint: FloatBuffer] {
        try activations(at: points, ofClean: direction == .noising)
    }

    /// Activations of the other run, from which the ablation makes what is put in.
    func sourceActivations(
        at points: Set<HookPoint>
    ) throws(Failure) -> [HookPoint: FloatBuffer] {
        try activations(at: points, ofClean: direction == .denoising)
    }

    /// Activations at some points: those of senders are known, for others the model is run.
    private func activations(
        at points: Set<HookPoint>, ofClean isClean: Bool
    ) throws(Failure) -> [HookPoint: FloatBuffer] {
        let known = isClean ? experiment.clean : experiment.corrupted
        var values: [HookPoint: FloatBuffer] = [:]
        for point in points { values[point] = known[point] }
        let unknown = points.subtracting(values.keys)
        guard !unknown.isEmpty else { return values }
        let dataset = experiment.dataset
        let run = try experiment.transformer.record(
            unknown, of: isClean ? dataset.clean.ids : dataset.corrupted.ids)
        return values.merging(run.activations.values) { _, new in new }
    }
}

extension SenderOutputs {
    /// The activation at a hook point, if it is one of a sender's, `[row, width]`.
    fileprivate subscript(point: HookPoint) -> FloatBuffer? {
        switch point {
        case .block(0, .residualPre): input
        case .block(let layer, .z): z[layer]
        case .block(let layer, .mlpOut): mlp[layer]
        default: nil
        }
    }

    /// The normalised final stream at the end of each prompt, `[prompt, d_model]`: the outputs added
    /// up as a forward pass does it, in the same pieces, so that no rounding differs from one.
    fileprivate func finalStream(with transformer: Transformer) -> FloatBuffer {
        let dModel = transformer.configuration.dModel
        let width = transformer.configuration.nHeads * transformer.configuration.dHead
        let ends = FloatBuffer(count: layout.promptCount * dModel)
        let pieces = layout.passPieces
        transformer.pool.run(pieces.count) { _, piece in
            let prompts = pieces[piece]
            let first = layout.starts[prompts.lowerBound]
            let rows = layout.starts[prompts.upperBound] - first
            let stream = FloatBuffer(count: rows * dModel)
            let update = FloatBuffer(count: rows * dModel)
            stream.values.update(from: input.values + first * dModel, count: rows * dModel)
            for (index, layer) in transformer.layers.enumerated() {
                layer.attention.output.apply(
                    z[index].values + first * width, stride: width, to: update.values,
                    stride: dModel, rows: rows)
                layer.postAttentionNorm?.apply(update.values, to: update.values, rows: rows)
                stream.values.add(update.values, count: rows * dModel)
                stream.values.add(mlp[index].values + first * dModel, count: rows * dModel)
            }
            for prompt in prompts {
                let end = layout.starts[prompt + 1] - 1 - first
                transformer.finalNorm.apply(
                    stream.values + end * dModel, to: ends.values + prompt * dModel, rows: 1)
            }
        }
        return ends
    }
}

extension RowLayout {
    /// The last row of each prompt.
    var endRows: [Int] { (0..<promptCount).map { starts[$0 + 1] - 1 } }
}
