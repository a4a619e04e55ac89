package import Artifacts
package import Basics
package import Experiments

/// EAP with integrated gradients over the embeddings (Hanna et al. 2024, arXiv:2403.17806): `EAP` with
/// the mean gradient of K runs that start between the corrupted embeddings e' and the clean ones e.
///
///     S(u -> r) = mean over pairs of sum_t (ablated_u - clean_u)_t . 1/K sum_k g^k_{r,t}
///
/// with g^k of the run that starts from e' + k/K (e - e'), for k = 0 ..< K.
package struct EAPIGInputs: ScoringMethod {
    package static let name = "eap-ig-inputs"
    package static let meaning = ScoreMeaning.effect
    package static let isAdditive = true
    package static let needsGradient = true
    package static let runOfFirstPass: ActivationRun? = .corrupted
    package static var parameters: [MethodParameter<Self>] { [MethodParameter(.steps, \.steps)] }

    /// K, the number of runs.
    package var steps = IntegrationSteps.usual

    package init() {}

    /// With another number of steps.
    package init(steps: Int) { self.steps = steps }

    package func checkParameters() throws(Failure) { try IntegrationSteps.check(steps) }

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores {
        try GradientScoring(experiment, resolution, runs: steps).scores(progress) { piece in
            piece.addRuns(
                towardsClean: (0..<steps).map { Float($0) / Float(steps) },
                weight: 1 / Float(steps))
        }
    }
}
