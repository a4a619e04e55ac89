package import Artifacts
package import Basics

extension CircuitArtifact {
    /// The circuit of the edges whose stability an evaluation has measured to be `share` or more:
    /// found in at least so many samples of the pairs, or in so many circuits. Loose ends go, as they
    /// do from every circuit that is taken from scores.
    /// - Parameter evaluation: one with the stability of edges.
    /// - Throws: ``Failure``: bad data where it has none, or its graph contradicts itself.
    package init(
        consensusOf evaluation: EvaluationArtifact, share: Double
    ) throws(Failure) {
        guard let graph = evaluation.graph, let shares = evaluation.edgeColumns["stability"] else {
            throw Failure(
                .badData,
                "it has no stability of edges; measure it with circuit-eval --stability -o")
        }
        let topology = try GraphTopology(graph, isCausal: evaluation.model?.isCausal ?? true)
        let taken = shares.map { $0 >= share }
        let inCircuit = topology.pruned(taken)
        let datasets = Set(evaluation.circuits.map(\.datasetDigest))
        self.init(
            model: evaluation.model, graph: graph, inCircuit: inCircuit,
            nodeInCircuit: topology.nodes(of: inCircuit),
            scores: evaluation.edgeColumns["score"]?.map { Float($0) },
            keptShare: shares.map { Float($0) }, method: "consensus", metric: evaluation.metric,
            threshold: share, nominalEdgeCount: taken.count { $0 }, ablation: evaluation.ablation,
            datasetDigest: evaluation.subjectDatasetDigest
                ?? (datasets.count == 1 ? datasets.first ?? nil : nil),
            scoresDigest: evaluation.subject?.kind == .edgeScores
                ? evaluation.subject?.digest : nil)
    }
}
