import Artifacts
import Graphs

/// The metric of circuits of every size, of one or several drawings of scores.
struct MeasuredSizes {
    /// The circuit of at most so many edges, `[edge]`.
    typealias Circuits = (_ count: Int) -> [Bool]

    private let sizes: CircuitSizes
    private let judge: CircuitJudge
    /// The metric, `[drawing][size][pair]`.
    private let values: [[[Double]]]
    /// The edges at each size, loose ends removed; of several drawings the mean, rounded.
    private let edgeCounts: [Int]

    /// Runs the circuits of each drawing at every size.
    init(_ sizes: CircuitSizes, _ drawings: [Circuits], _ judge: CircuitJudge) {
        var counts = [Int](repeating: 0, count: sizes.shares.count)
        values = drawings.map { circuit in
            sizes.shares.enumerated().map { index, share in
                let inCircuit = circuit(EdgeSelection.count(of: share, in: judge.graph.edgeCount))
                counts[index] += inCircuit.count { $0 }
                return judge.values(of: inCircuit)
            }
        }
        edgeCounts = counts.map { Int((Double($0) / Double(max(1, drawings.count))).rounded()) }
        self.sizes = sizes
        self.judge = judge
    }

    /// The faithfulness at each size, the mean over drawings.
    func curve(_ name: String) -> EvaluationArtifact.Curve {
        judge.resampling.curve(
            name, xLabel: "share of edges", yLabel: "faithfulness", x: sizes.shares,
            edgeCounts: edgeCounts
        ) { point, mean in
            values.reduce(0) { $0 + judge.faithfulness($1[point], mean) } / Double(values.count)
        }
    }

    /// The area under the faithfulness; nil of a single size.
    func cpr(_ name: String) -> EvaluationArtifact.Figure? { area(name) { $0 } }

    /// The area under the distance of the faithfulness from 1; nil of a single size.
    func cmd(_ name: String) -> EvaluationArtifact.Figure? { area(name) { abs(1 - $0) } }

    /// An area over sizes, the mean over drawings.
    private func area(
        _ name: String, height: (_ faithfulness: Double) -> Double
    ) -> EvaluationArtifact.Figure? {
        guard sizes.shares.count > 1 else { return nil }
        return judge.resampling.figure(name) { mean in
            values.reduce(0) { sum, drawing in
                let heights = drawing.map { height(judge.faithfulness($0, mean)) }
                return sum + trapezoid(sizes.shares, heights)
            } / Double(values.count)
        }
    }
}

extension CircuitSizes {
    /// The circuits of scores by how many edges are taken, loose ends removed.
    func circuits(
        of scores: [Float], absolute: Bool, _ topology: GraphTopology
    ) -> MeasuredSizes.Circuits {
        let ranking = EdgeSelection(.edges(0), greedy: greedy, absolute: absolute)
            .ranking(scores, in: topology)
        return { topology.pruned(ranking.first($0, of: scores.count)) }
    }
}
