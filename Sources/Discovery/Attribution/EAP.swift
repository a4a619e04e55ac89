package import Artifacts
package import Experiments

/// Edge attribution patching (Syed et al. 2023, arXiv:2310.10348): the first-order estimate of what
/// cutting an edge does to the loss.
///
///     S(u -> r) = mean over pairs of sum_t (ablated_u - clean_u)_t . g_{r,t}
///
/// with the gradient g at the receiver's input in the clean run.
package struct EAP: ScoringMethod {
    package static let name = "eap"
    package static let meaning = ScoreMeaning.effect
    package static let isAdditive = true
    package static let needsGradient = true
    package static let usesCleanGradientOnly = true
    package static let runOfFirstPass: ActivationRun? = .clean

    package init() {}

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores {
        try GradientScoring(experiment, resolution, runs: 1).scores(progress) { piece in
            // Each run adds the products of differences and gradients.
            piece.addRuns(towardsClean: [1], weight: 1)
        }
    }
}
