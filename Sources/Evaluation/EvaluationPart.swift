package import Artifacts

/// One result of this module, which an evaluation stores besides others: a few figures, curves or
/// columns.
package protocol EvaluationPart {
    /// Adds it to what is stored already.
    func store(in evaluation: inout EvaluationArtifact)
}
