package import Artifacts
package import CircuitRuns

/// The faithfulness of a circuit C: how much it recovers of what lies between the ablated and the full
/// model M,
///
///     faithfulness = (F(C) - F(ablated)) / (F(M) - F(ablated))
///
/// where F is the mean of the metric over pairs.
package struct Faithfulness: EvaluationPart {
    /// The metric of the circuit, `[pair]`.
    package let values: [Double]
    private let metric: EvaluationArtifact.Figure
    private let faithfulness: EvaluationArtifact.Figure

    /// Runs the circuit.
    /// - Parameters:
    ///   - inCircuit: which edges are in it, `[edge]`.
    ///   - neurons: which neurons are; nil is all.
    package init(of inCircuit: [Bool], neurons: NeuronMasks? = nil, judge: CircuitJudge) {
        let values = judge.values(of: inCircuit, neurons: neurons)
        self.values = values
        metric = judge.resampling.figure("metric-circuit") { $0(values) }
        faithfulness = judge.resampling.figure("faithfulness") { judge.faithfulness(values, $0) }
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.figures += [metric, faithfulness]
        evaluation.pairColumns["circuit"] = values
    }
}
