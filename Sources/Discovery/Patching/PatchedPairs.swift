package import Artifacts
import Basics
package import Engine
package import Experiments
import Models
package import Tasks

/// Pairs on which activations of one run are put into the other: both runs, and the metric of each.
package struct PatchedPairs: Sendable {
    /// The model.
    package let transformer: Transformer
    /// The pairs.
    package let dataset: DatasetArtifact
    /// What the effect is measured by.
    package let metric: MetricEvaluator
    /// Which run goes into which.
    package let direction: PatchDirection
    /// What takes the place of an activation.
    package let ablation: Ablation
    /// The constants of optimal ablation.
    package let constants: SenderConstants?
    /// The metric on each clean prompt, `[pair]`.
    package let cleanMetric: [Double]
    /// The metric on each corrupted prompt, `[pair]`.
    package let corruptedMetric: [Double]

    let layout: RowLayout

    /// The metric of the run that is patched, `[pair]`.
    package var baseMetric: [Double] { direction == .noising ? cleanMetric : corruptedMetric }

    /// Runs the model on both prompts of each pair.
    /// - Throws: `Failure` when the model can't read a prompt, `Failure` when the pairs lack
    ///   the answers that the metric reads, or there are none.
    package init(
        _ dataset: DatasetArtifact, transformer: Transformer, metric: Metric,
        direction: PatchDirection = .noising, ablation: Ablation = .resample,
        constants: SenderConstants? = nil
    ) throws {
        guard ablation != .optimal || direction == .noising else {
            throw Failure(
                .usage, "optimal ablation stands in for clean activations: choose noising")
        }
        guard dataset.pairCount > 0 else { throw Failure(.badData, "there are no pairs") }
        // Effects are those of the pairs themselves, so an answer in several tokens isn't one.
        guard try metric.pairs(of: dataset).pairCount == dataset.pairCount else {
            throw Failure(
                .badData,
                "a pair has an answer in several tokens, which patching doesn't read; use "
                    + "circuit-score or circuit-prune with it, or another metric")
        }
        self.transformer = transformer
        self.dataset = dataset
        self.direction = direction
        self.ablation = ablation
        self.constants = constants
        layout = RowLayout(lengths: dataset.lengths)
        try transformer.validate(dataset.clean.ids) { "the clean prompt of pair \($0)" }
        try transformer.validate(dataset.corrupted.ids) { "the corrupted prompt of pair \($0)" }
        let ends = layout.endRows
        let clean = transformer.finalStream(layout, from: .tokens(dataset.clean.ids), rows: ends)
        let corrupted = transformer.finalStream(
            layout, from: .tokens(dataset.corrupted.ids), rows: ends)
        self.metric = try MetricEvaluator(
            metric, dataset: dataset, transformer: transformer,
            cleanLogits: transformer.unembed(normalized: clean, rows: ends.count))
        cleanMetric = self.metric.values(
            normalized: clean, pairs: Array(ends.indices))
        corruptedMetric = self.metric.values(
            normalized: corrupted, pairs: Array(ends.indices))
    }

    /// Activations of the run that is patched, and what is put into it: those of the other run, or
    /// what the ablation makes of them.
    func record(
        _ points: Set<HookPoint>
    ) throws(Failure) -> (base: RecordedActivations, source: RecordedActivations) {
        let clean = try transformer.record(points, of: dataset.clean.ids).activations
        let corrupted = try transformer.record(points, of: dataset.corrupted.ids).activations
        return direction == .noising ? (clean, corrupted) : (corrupted, clean)
    }
}

extension RowLayout {
    /// The last row of each prompt.
    var endRows: [Int] { (0..<promptCount).map { starts[$0 + 1] - 1 } }
}
