package import Artifacts

/// The metric of the two models between which circuits lie: the full one, and the one with everything
/// ablated.
package struct ReferenceValues: EvaluationPart {
    private let judge: CircuitJudge
    private let full: EvaluationArtifact.Figure
    private let ablated: EvaluationArtifact.Figure

    /// The ends of a judge's scale.
    package init(_ judge: CircuitJudge) {
        self.judge = judge
        full = judge.resampling.figure("metric-full") { $0(judge.full) }
        ablated = judge.resampling.figure("metric-corrupted") { $0(judge.ablated) }
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.figures += [full, ablated]
        evaluation.pairColumns["full"] = judge.full
        evaluation.pairColumns["corrupted"] = judge.ablated
        evaluation.bootstrap = judge.resampling.bootstrap
    }
}
