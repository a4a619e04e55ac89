package import Artifacts
package import Experiments

/// `EAP` with the mean of the gradients of the clean and of the corrupted run, from the EAP-IG library
/// of Hanna et al. (2024): the trapezoidal rule with two points for the integral of `EAPIGInputs`.
///
///     S(u -> r) = mean over pairs of sum_t (ablated_u - clean_u)_t . (g_clean + g_corrupted)_{r,t} / 2
package struct CleanCorrupted: ScoringMethod {
    package static let name = "clean-corrupted"
    package static let meaning = ScoreMeaning.effect
    package static let isAdditive = true
    package static let needsGradient = true
    package static let runOfFirstPass: ActivationRun? = .corrupted

    package init() {}

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores {
        try GradientScoring(experiment, resolution, runs: 2).scores(progress) { piece in
            piece.addRuns(towardsClean: [0, 1], weight: 0.5)
        }
    }
}
