package import Artifacts
import CircuitRuns

/// The minimality of each edge of a circuit C: by how much the loss L (the metric as minimised) grows
/// when that edge is cut too,
///
///     minimality(e) = L(C without e) - L(C)
package struct Minimality: EvaluationPart {
    /// The graph whose edges these are.
    package let graph: GraphTable
    /// The minimality, `[edge]`; NaN for edges outside of the circuit.
    package let ofEdges: [Double]
    /// The ends of its confidence interval, each `[edge]`; nil without intervals.
    private let intervals: (lower: [Double], upper: [Double])?
    /// The least and the mean minimality; none for a circuit without edges.
    private let figures: [EvaluationArtifact.Figure]

    /// Cuts each edge of the circuit by itself.
    /// - Parameters:
    ///   - inCircuit: which edges are in it, `[edge]`.
    ///   - progress: is told now and then how many receivers of how many are done.
    package init(
        of inCircuit: [Bool], judge: CircuitJudge,
        progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) {
        let (whole, cut) = judge.evaluator.valuesWithoutEach(of: inCircuit, progress: progress)
        let sign = judge.lossSign
        let resampling = judge.resampling
        let edges = inCircuit.indices.filter { inCircuit[$0] }

        var ofEdges = [Double](repeating: .nan, count: inCircuit.count)
        var (lower, upper) = (ofEdges, ofEdges)
        for edge in edges {
            let values = cut[edge] ?? whole
            func growth(_ mean: PairMean) -> Double { sign * (mean(values) - mean(whole)) }
            ofEdges[edge] = growth(.ofAll)
            (lower[edge], upper[edge]) = resampling.interval(growth)
        }
        graph = judge.graph
        self.ofEdges = ofEdges
        intervals = resampling.bootstrap == nil ? nil : (lower, upper)

        func growths(_ mean: PairMean) -> [Double] {
            let base = mean(whole)
            return edges.map { edge in sign * ((cut[edge].map { mean($0) } ?? base) - base) }
        }
        figures =
            edges.isEmpty
            ? []
            : [
                resampling.figure("minimality-least") { growths($0).min() ?? .nan },
                resampling.figure("minimality-mean") {
                    growths($0).reduce(0, +) / Double(edges.count)
                },
            ]
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.graph = graph
        evaluation.edgeColumns["minimality"] = ofEdges
        if let intervals {
            evaluation.edgeColumns["minimality_lower"] = intervals.lower
            evaluation.edgeColumns["minimality_upper"] = intervals.upper
        }
        evaluation.figures += figures
    }
}
