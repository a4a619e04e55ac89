package import Artifacts
import Basics
package import Graphs

/// The faithfulness over circuit sizes of random scores, with its areas: what any method has to beat.
/// All are means over several drawings of scores.
package struct RandomSizeCurve: EvaluationPart {
    private let drawings: RandomDrawings
    private let curve: EvaluationArtifact.Curve
    private let areas: [EvaluationArtifact.Figure]

    /// Draws scores, takes circuits of all sizes from them and runs these.
    /// - Parameter count: how many scores are drawn for each edge, at least one.
    package init(
        _ sizes: CircuitSizes, count: Int, seed: UInt64, topology: GraphTopology,
        judge: CircuitJudge
    ) {
        var generator = SplitMix64(seed: seed)
        let circuits = (0..<count).map { _ in
            let scores = (0..<judge.graph.edgeCount).map { _ in Float(generator.nextUnit()) }
            return sizes.circuits(of: scores, absolute: false, topology)
        }
        let measured = MeasuredSizes(sizes, circuits, judge)
        drawings = RandomDrawings(count: count)
        curve = measured.curve("faithfulness-random")
        areas = [measured.cpr("cpr-random"), measured.cmd("cmd-random")].compactMap(\.self)
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.curves.append(curve)
        drawings.store(in: &evaluation)
        evaluation.figures += areas
    }
}
