public import Artifacts
internal import Engine

extension EdgeScoresArtifact {
    /// Scores as they are stored.
    public init(
        _ scores: AttributionScores, by method: AttributionMethod, of scorer: AttributionScorer,
        model: ModelReference, datasetDigest: String, cacheDigest: String?
    ) {
        let losses = scorer.losses
        let edgeCount = scores.mean.count
        let perPair = scores.perPair.map { values in
            let pairCount = values.count / max(1, edgeCount)
            return DenseArray<Float>(
                shape: [edgeCount, pairCount],
                values: (0..<edgeCount).flatMap { edge in
                    (0..<pairCount).map { values.values[$0 * edgeCount + edge] }
                })
        }
        self.init(
            model: model, graph: scorer.graph.table, scores: scores.mean, perPair: perPair,
            nodeScores: scores.ofNodes, losses: scores.losses, method: method.rawValue,
            metric: scorer.metric.metric.rawValue,
            ablation: scorer.options.ablation.rawValue,
            steps: scores.losses?.count ?? (method.hasSteps ? scorer.options.steps : nil),
            seed: method.isRandom ? Int(truncatingIfNeeded: scorer.options.seed) : nil,
            fullMetric: losses.full, corruptedMetric: losses.ablated,
            datasetDigest: datasetDigest, cacheDigest: cacheDigest)
    }
}
