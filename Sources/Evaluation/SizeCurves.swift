package import Artifacts
package import Graphs

/// The faithfulness of circuits over their size, as the MIB benchmark judges scores, and, of more than
/// one size, the areas under straight lines between the sizes:
///
///     CPR = integral of faithfulness(s) ds        circuits by signed score, the higher the better
///     CMD = integral of |1 - faithfulness(s)| ds  circuits by absolute score, the lower the better
///
/// where s is the nominal share of all edges that are taken.
package struct SizeCurves: EvaluationPart {
    /// The faithfulness of circuits by signed and by absolute score.
    package let curves: [EvaluationArtifact.Curve]
    /// CPR and CMD; none of a single size.
    package let areas: [EvaluationArtifact.Figure]

    /// Takes circuits of all sizes from scores and runs them.
    /// - Parameter scores: one an edge.
    package init(
        _ sizes: CircuitSizes, of scores: [Float], topology: GraphTopology, judge: CircuitJudge
    ) {
        func measured(absolute: Bool) -> MeasuredSizes {
            let circuits = sizes.circuits(of: scores, absolute: absolute, topology)
            return MeasuredSizes(sizes, [circuits], judge)
        }
        self.init(signed: measured(absolute: false), absolute: measured(absolute: true))
    }

    /// Runs the circuits of a search at several thresholds: at each size the largest of them that
    /// isn't larger. Between them and beyond a search says nothing.
    /// - Parameter found: the circuits, `[circuit][edge]`.
    package init(_ sizes: CircuitSizes, ofCircuits found: [[Bool]], judge: CircuitJudge) {
        let bySize = found.map { (count: $0.count { $0 }, inCircuit: $0) }
            .sorted { $0.count < $1.count }
        let none = [Bool](repeating: false, count: judge.graph.edgeCount)
        let measured = MeasuredSizes(
            sizes, [{ count in bySize.last { $0.count <= count }?.inCircuit ?? none }], judge)
        self.init(signed: measured, absolute: measured)
    }

    private init(signed: MeasuredSizes, absolute: MeasuredSizes) {
        curves = [signed.curve("faithfulness-signed"), absolute.curve("faithfulness-absolute")]
        areas = [signed.cpr("cpr"), absolute.cmd("cmd")].compactMap(\.self)
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.curves += curves
        evaluation.figures += areas
    }
}
