package import Artifacts
package import Basics

extension CircuitArtifact {
    /// The circuit that a selection takes from stored scores. It was never run: of the metric only
    /// what the scores say of the full and the ablated model is known.
    /// - Parameters:
    ///   - selection: how many edges, by which ranking.
    ///   - scores: the scores.
    ///   - digest: the digest of `scores`.
    /// - Throws: `Failure` where the stored graph contradicts itself.
    package init(
        _ selection: EdgeSelection, from scores: EdgeScoresArtifact, digest: String
    ) throws(Failure) {
        let topology = try GraphTopology(
            scores.graph, isCausal: scores.model.isCausal)
        let selected = selection.select(scores.scores, in: topology)
        var threshold: Double?
        if case .threshold(let value) = selection.size { threshold = value }
        self.init(
            model: scores.model, graph: scores.graph, inCircuit: selected.inCircuit,
            nodeInCircuit: topology.nodes(of: selected.inCircuit), scores: scores.scores,
            method: selection.method, metric: scores.metric, fullMetric: scores.fullMetric,
            corruptedMetric: scores.corruptedMetric, threshold: threshold,
            order: selection.absolute ? "absolute" : "signed",
            nominalEdgeCount: selected.nominalCount, ablation: scores.ablation,
            datasetDigest: scores.datasetDigest, cacheDigest: scores.cacheDigest,
            scoresDigest: digest)
    }
}
