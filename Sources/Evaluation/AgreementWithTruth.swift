package import Artifacts
package import Basics

/// How well scores find the edges of a known circuit: the ROC curve, for signed and for absolute
/// scores, and the area under it as a pessimistic staircase and as trapezoids. No model runs; with
/// scores per pair there are confidence intervals.
package struct AgreementWithTruth: EvaluationPart {
    /// The ROC curves by signed and by absolute score.
    package let curves: [EvaluationArtifact.Curve]
    /// Of each curve the pessimistic area and that of trapezoids.
    package let areas: [EvaluationArtifact.Figure]
    /// How the pairs are resampled; nil where there are no scores per pair.
    private let resampling: PairResampling?

    /// Holds scores against a known circuit.
    /// - Parameters:
    ///   - scores: one an edge of `graph`.
    ///   - perPair: the scores in each pair, `[edge, pair]`.
    /// - Throws: `Failure` (bad data) if the known circuit is of another graph, or has no edge or all.
    package init(
        of scores: [Float], perPair: DenseArray<Float>? = nil, in graph: GraphTable,
        with truth: CircuitArtifact, bootstrap: EvaluationArtifact.Bootstrap?
    ) throws(Failure) {
        guard truth.graph.hasSameEdges(as: graph) else {
            throw Failure(
                .badData,
                "the known circuit is of another graph (\(truth.graph.shape)) than what it is "
                    + "held against (\(graph.shape))")
        }
        let columns = Self.columns(perPair, edgeCount: scores.count)
        let resampling = PairResampling(
            pairCount: perPair?.shape.last ?? 0, columns == nil ? nil : bootstrap)
        var curves: [EvaluationArtifact.Curve] = []
        var areas: [EvaluationArtifact.Figure] = []
        for (suffix, absolute) in [("signed", false), ("absolute", true)] {
            guard let curve = ROCCurve(scores, truth: truth.inCircuit, absolute: absolute) else {
                throw Failure(
                    .badData, "a known circuit without edges, or with all of them, has no ROC curve"
                )
            }
            func area(_ of: (ROCCurve) -> Double, _ mean: PairMean) -> Double {
                // The stored mean itself, which has no rounding of ours.
                guard mean.chosen != nil, let columns else { return of(curve) }
                let resampled = columns.map { Float(mean($0)) }
                return ROCCurve(resampled, truth: truth.inCircuit, absolute: absolute).map(of)
                    ?? .nan
            }
            curves.append(
                EvaluationArtifact.Curve(
                    name: "roc-\(suffix)", xLabel: "false positive rate",
                    yLabel: "true positive rate", x: curve.falsePositiveRates,
                    y: curve.truePositiveRates, edgeCounts: curve.edgeCounts))
            areas += [
                resampling.figure("auc-pessimistic-\(suffix)") { area(\.pessimisticArea, $0) },
                resampling.figure("auc-trapezoid-\(suffix)") { area(\.trapezoidArea, $0) },
            ]
        }
        (self.curves, self.areas) = (curves, areas)
        self.resampling = columns == nil ? nil : resampling
    }

    /// The scores of each edge in each pair, `[edge][pair]`; nil if there are none of these edges.
    private static func columns(_ perPair: DenseArray<Float>?, edgeCount: Int) -> [[Double]]? {
        guard let perPair, perPair.shape.count == 2, perPair.shape[0] == edgeCount else {
            return nil
        }
        let pairCount = perPair.shape[1]
        return (0..<edgeCount).map { edge in
            perPair.values[edge * pairCount..<(edge + 1) * pairCount].map { Double($0) }
        }
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.curves += curves
        evaluation.figures += areas
        if let resampling { evaluation.bootstrap = resampling.bootstrap }
    }
}

extension GraphTable {
    /// Whether nodes, receivers and edges are the same, whatever the width of the model.
    fileprivate func hasSameEdges(as other: GraphTable) -> Bool {
        nodes == other.nodes && receivers == other.receivers
            && senderOfEdge == other.senderOfEdge && receiverOfEdge == other.receiverOfEdge
    }

    /// The graph in a few words, for messages.
    fileprivate var shape: String {
        "\(nLayers) layers of \(nHeads) heads, level \(level), \(edgeCount) edges"
    }
}
