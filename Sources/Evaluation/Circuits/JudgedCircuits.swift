package import Artifacts
package import CircuitRuns

/// Circuits of one or several files, all judged on the same pairs by the same metric and ablation: a
/// row for each, and which of each level are on the Pareto front of edges against metric.
package struct JudgedCircuits: EvaluationPart {
    /// The rows, in the order in which circuits were added.
    package private(set) var rows: [EvaluationArtifact.Circuit] = []
    private var losses: [Double] = []
    private let judge: CircuitJudge

    /// A table without rows.
    /// - Parameter judge: who judges, or one of those who do: full and ablated model are its.
    package init(_ judge: CircuitJudge) { self.judge = judge }

    /// Runs a circuit and adds its row.
    /// - Parameters:
    ///   - row: what is known of it.
    ///   - inCircuit: its edges. Shape `[edge]`, as the graph of `judge`.
    ///   - neurons: its neurons; nil is all.
    ///   - judge: the judge of circuits of its graph.
    package mutating func add(
        _ row: EvaluationArtifact.Circuit, inCircuit: [Bool], neurons: NeuronMasks? = nil,
        judge: CircuitJudge
    ) {
        let values = judge.values(of: inCircuit, neurons: neurons)
        func estimate(_ statistic: (PairMean) -> Double) -> EvaluationArtifact.Estimate {
            let interval = judge.resampling.interval(statistic)
            return EvaluationArtifact.Estimate(
                value: statistic(.ofAll), lower: interval.lower, upper: interval.upper)
        }
        var row = row
        row.values = values
        row.metric = estimate { $0(values) }
        row.faithfulness = estimate { judge.faithfulness(values, $0) }
        rows.append(row)
        losses.append(judge.lossSign * row.metric.value)
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.circuits = rows
        for circuits in Dictionary(grouping: rows.indices, by: { rows[$0].level }).values {
            let front = ParetoFront(
                edgeCounts: circuits.map { rows[$0].edgeCount }, losses: circuits.map { losses[$0] }
            )
            for (circuit, isOnFront) in zip(circuits, front.isOnFront) {
                evaluation.circuits[circuit].isOnFront = isOnFront
            }
        }
    }
}
