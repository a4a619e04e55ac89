package import Artifacts
package import Basics

extension EvaluationArtifact {
    /// Adds how well scores find the edges of a known circuit: for signed and for absolute scores the
    /// ROC curve and its area, as a pessimistic staircase and as trapezoids. No model runs; with
    /// scores per pair there are confidence intervals.
    /// - Throws: `Failure` if the known circuit is of another graph, or has no edge or all.
    package mutating func addTruth(
        _ truth: CircuitArtifact, for scores: [Float], perPair: DenseArray<Float>? = nil,
        in graph: GraphTable, bootstrap: Bootstrap?
    ) throws(Failure) {
        guard truth.graph.hasSameEdges(as: graph) else {
            throw Failure(
                .badData,
                "the known circuit is of another graph (\(truth.graph.shape)) than what it is "
                    + "held against (\(graph.shape))")
        }
        var columns: [[Double]]?
        if let perPair, perPair.shape.count == 2, perPair.shape[0] == scores.count {
            let pairCount = perPair.shape[1]
            columns = scores.indices.map { edge in
                perPair.values[edge * pairCount..<(edge + 1) * pairCount].map { Double($0) }
            }
        }
        let resampling = PairResampling(
            pairCount: perPair?.shape.last ?? 0, columns == nil ? nil : bootstrap)
        if columns != nil { self.bootstrap = resampling.bootstrap }
        for (suffix, absolute) in [("signed", false), ("absolute", true)] {
            guard let curve = ROCCurve(scores, truth: truth.inCircuit, absolute: absolute) else {
                throw Failure(
                    .badData, "a known circuit without edges, or with all of them, has no ROC curve"
                )
            }
            curves.append(
                Curve(
                    name: "roc-\(suffix)", xLabel: "false positive rate",
                    yLabel: "true positive rate", x: curve.falsePositiveRates,
                    y: curve.truePositiveRates, edgeCounts: curve.edgeCounts))
            func area(_ of: (ROCCurve) -> Double, _ mean: PairMean) -> Double {
                // The stored mean itself, which has no rounding of ours.
                guard mean.chosen != nil, let columns else { return of(curve) }
                let resampled = columns.map { Float(mean($0)) }
                return ROCCurve(resampled, truth: truth.inCircuit, absolute: absolute).map(of)
                    ?? .nan
            }
            figures.append(
                resampling.figure("auc-pessimistic-\(suffix)") { area(\.pessimisticArea, $0) })
            figures.append(
                resampling.figure("auc-trapezoid-\(suffix)") { area(\.trapezoidArea, $0) })
        }
    }

    /// Adds the share of a known circuit's edges that are in a circuit (recall), and the share of its
    /// own that are in the known one (precision).
    package mutating func addOverlap(of inCircuit: [Bool], with truth: [Bool]) {
        let both = Double(zip(inCircuit, truth).count { $0 && $1 })
        figures.append(Figure(name: "recall", value: both / Double(truth.count { $0 })))
        figures.append(Figure(name: "precision", value: both / Double(inCircuit.count { $0 })))
    }
}

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

extension GraphTable {
    /// Whether nodes, receivers and edges are the same, whatever the width of the model.
    func hasSameEdges(as other: GraphTable) -> Bool {
        nodes == other.nodes && receivers == other.receivers
            && senderOfEdge == other.senderOfEdge && receiverOfEdge == other.receiverOfEdge
    }

    /// The graph in a few words, for messages.
    var shape: String {
        "\(nLayers) layers of \(nHeads) heads, level \(level), \(edgeCount) edges"
    }
}
