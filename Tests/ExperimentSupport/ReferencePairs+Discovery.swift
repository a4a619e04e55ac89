package import Discovery
package import Experiments
package import Tasks

extension ReferencePairs {
    /// A metric bound to these pairs.
    package func evaluator(_ metric: Metric) throws -> MetricEvaluator {
        try MetricEvaluator(
            metric, dataset: dataset, transformer: transformer,
            cleanLogits: activations.cleanLogits)
    }

    /// A scorer of these pairs.
    package func scorer(
        _ metric: Metric, ungrouped: Bool = false, steps: Int = 5, ablation: Ablation = .resample
    ) throws -> AttributionScorer {
        try AttributionScorer(
            experiment(metric, ungrouped: ungrouped, ablation: ablation),
            options: AttributionScorer.Options(steps: steps))
    }
}
