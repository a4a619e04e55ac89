package import Artifacts
import Engine
import Experiments
import Graphs
import Tasks

extension EdgeScoresArtifact {
    /// Scores as they are stored.
    package init(
        _ scores: AttributionScores, of scorer: AttributionScorer, model: ModelReference,
        datasetDigest: String, cacheDigest: String?
    ) {
        let (method, experiment) = (scorer.method, scorer.experiment)
        let metric = experiment.metric.metric
        let edgeCount = scores.mean.count
        let perPair = scores.perPair.map { values in
            let pairCount = values.count / max(1, edgeCount)
            return DenseArray<Float>(
                shape: [edgeCount, pairCount],
                values: (0..<edgeCount).flatMap { edge in
                    (0..<pairCount).map { values.values[$0 * edgeCount + edge] }
                })
        }
        var (graph, values) = (experiment.graph.table, scores.mean)
        if scorer.resolution.contains(.positions) {
            let resolved = experiment.graph.table(
                forPromptsOf: experiment.clean.layout.lengths)
            graph = resolved.table
            values = resolved.edges.map { scores.mean[$0] }
        }
        self.init(
            model: model, graph: graph, scores: values, perPair: perPair,
            nodeScores: scores.ofNodes, neuronScores: scores.ofNeurons,
            losses: scores.trainingLosses, method: method.name,
            metric: metric.rawValue, ablation: experiment.ablation.rawValue,
            steps: scores.trainingLosses?.count ?? method.value(of: .steps),
            seed: method.value(of: .seed).map { Int(truncatingIfNeeded: $0) },
            fullMetric: metric.value(ofLoss: scores.losses.full),
            ablatedMetric: metric.value(ofLoss: scores.losses.ablated),
            datasetDigest: datasetDigest, cacheDigest: cacheDigest)
    }
}
