package import Discovery
package import Experiments
package import Tasks

extension ReferencePairs {
    /// A metric bound to these pairs.
    package func evaluator(_ metric: Metric) throws -> BoundMetric {
        try BoundMetric(
            metric, dataset: dataset, transformer: transformer,
            cleanLogits: activations.cleanLogits)
    }

    /// A scoring method on these pairs.
    /// - Parameter activations: others than those of the pairs as they are.
    package func scorer(
        by method: any ScoringMethod, _ metric: Metric, ungrouped: Bool = false,
        ablation: Ablation = .resample, activations: PairActivations? = nil,
        resolution: ScoreResolution = []
    ) throws -> AttributionScorer {
        try AttributionScorer(
            experiment(
                metric, ungrouped: ungrouped, ablation: ablation, activations: activations),
            by: method, resolution: resolution)
    }

    /// The scores of these pairs' edges by a method.
    package func scores(
        by method: any ScoringMethod, _ metric: Metric, ungrouped: Bool = false,
        ablation: Ablation = .resample, activations: PairActivations? = nil,
        resolution: ScoreResolution = []
    ) throws -> AttributionScores {
        try scorer(
            by: method, metric, ungrouped: ungrouped, ablation: ablation,
            activations: activations, resolution: resolution
        ).scores()
    }
}

extension ScoringMethods {
    /// Each additive method, with its usual parameters.
    package static var additive: [any ScoringMethod] {
        all.filter { $0.isAdditive }.map { $0.init() }
    }
}
