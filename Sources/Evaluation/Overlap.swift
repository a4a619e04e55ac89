package import Artifacts

/// How much a circuit C and a known one T have in common:
///
///     recall = |C and T| / |T|    precision = |C and T| / |C|
package struct Overlap: EvaluationPart {
    /// The share of the known circuit's edges that are in the circuit.
    let recall: Double
    /// The share of the circuit's edges that are in the known one.
    let precision: Double

    /// Compares two circuits, each `[edge]`.
    package init(of inCircuit: [Bool], with truth: [Bool]) {
        let both = Double(zip(inCircuit, truth).count { $0 && $1 })
        recall = both / Double(truth.count { $0 })
        precision = both / Double(inCircuit.count { $0 })
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.figures += [
            EvaluationArtifact.Figure(name: "recall", value: recall),
            EvaluationArtifact.Figure(name: "precision", value: precision),
        ]
    }
}
