package import Artifacts
import Engine
import Experiments
import Graphs
import Tasks

extension EdgeScoresArtifact {
    /// Scores as they are stored.
    /// - Parameter resolution: what they are resolved by.
    package init(
        _ scores: AttributionScores, by method: AttributionMethod, of scorer: AttributionScorer,
        resolution: ScoreResolution = [], model: ModelReference, datasetDigest: String,
        cacheDigest: String?
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
        var (graph, values) = (scorer.graph.table, scores.mean)
        if resolution.contains(.positions) {
            let resolved = scorer.graph.table(
                forPromptsOf: scorer.clean.layout.lengths)
            graph = resolved.table
            values = resolved.edges.map { scores.mean[$0] }
        }
        self.init(
            model: model, graph: graph, scores: values, perPair: perPair,
            nodeScores: scores.ofNodes,
            neuronScores: scores.ofNeurons, losses: scores.losses, method: method.rawValue,
            metric: scorer.metric.metric.rawValue,
            ablation: scorer.experiment.ablation.rawValue,
            steps: scores.losses?.count ?? (method.hasSteps ? scorer.options.steps : nil),
            seed: method.isRandom ? Int(truncatingIfNeeded: scorer.options.seed) : nil,
            fullMetric: losses.full, corruptedMetric: losses.ablated,
            datasetDigest: datasetDigest, cacheDigest: cacheDigest)
    }
}
