package import Artifacts

extension CircuitArtifact {
    /// A score for each edge: the largest threshold of any run that keeps it, 0 if none does. Of a
    /// circuit without further runs 1 for its edges, 0 for the others.
    package var thresholdScores: [Float] {
        var scores = [Float](repeating: 0, count: inCircuit.count)
        let runs =
            runs.isEmpty
            ? [(threshold: 1.0, inCircuit: inCircuit)]
            : runs.map { (threshold: $0.threshold, inCircuit: $0.inCircuit) }
        for run in runs {
            for edge in scores.indices where run.inCircuit[edge] {
                scores[edge] = max(scores[edge], Float(run.threshold))
            }
        }
        return scores
    }
}
