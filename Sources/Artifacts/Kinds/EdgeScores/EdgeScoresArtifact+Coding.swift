import Basics

extension EdgeScoresArtifact: ArtifactContent {
    /// `edge-scores`
    package static var kind: ArtifactKind { .edgeScores }

    /// Encodes the value as a tree; throws `usage` where columns don't fit the graph, `badData`
    /// where a score isn't finite.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        try requireConsistency()
        var root = ContentGroup()
        root.set("method", method)
        root.set("metric", metric)
        root.set("ablation", ablation)
        root.set("steps", steps)
        root.set("seed", seed)
        root.set("full_metric", fullMetric)
        root.set("corrupted_metric", ablatedMetric)
        root.set("dataset_digest", datasetDigest)
        root.set("cache_digest", cacheDigest)
        if let losses { root.set("loss", losses, dim: "optimization_step") }
        root.groups["model"] = model.content
        try graph.write(into: &root)
        var nodes = try root.group("nodes")
        if let nodeScores { nodes.set("score", nodeScores, dim: "node") }
        nodes.set("neuron_score", neuronScores, dims: ["node", "neuron"])
        root.groups["nodes"] = nodes
        var edges = try root.group("edges")
        edges.set("score", scores, dim: "edge")
        edges.set("score_per_pair", perPair, dims: ["edge", "pair"])
        root.groups["edges"] = edges
        return root
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        let nodes = try root.group("nodes")
        let edges = try root.group("edges")
        self.init(
            model: try ModelReference(root.group("model")), graph: try GraphTable(from: root),
            scores: try edges.values("score"), perPair: try edges.array("score_per_pair"),
            nodeScores: try nodes.optionalValues("score"),
            neuronScores: try nodes.array("neuron_score"),
            losses: try root.optionalValues("loss"), method: try root.text("method"),
            metric: try root.text("metric"), ablation: try root.text("ablation"),
            steps: root.optionalInteger("steps"), seed: root.optionalInteger("seed"),
            fullMetric: try root.number("full_metric"),
            ablatedMetric: try root.number("corrupted_metric"),
            datasetDigest: try root.text("dataset_digest"),
            cacheDigest: root.optionalText("cache_digest"))
        if let path = pathOfNonFinite {
            throw ArtifactError(
                .badData, path: path, "a score is infinite or not a number; score the model anew")
        }
    }

    /// The number of edges without a score (NaN): the method `exact` can score a choice of edges.
    package var unscoredEdgeCount: Int { method == "exact" ? scores.count(where: \.isNaN) : 0 }

    /// The path of a column with a score that is infinite or not a number, if there is one. NaN is
    /// allowed for edges that weren't scored, and for neurons that a node doesn't have.
    private var pathOfNonFinite: String? {
        let columns: [(path: String, values: [Float]?)] = [
            ("/edges/score", scores), ("/edges/score_per_pair", perPair?.values),
            ("/nodes/score", nodeScores),
        ]
        let mayBeUnscored = method == "exact"
        return columns.first { column in
            column.values?.allSatisfy { $0.isFinite || (mayBeUnscored && $0.isNaN) } == false
        }?.path
    }

    private func requireConsistency() throws(ArtifactError) {
        let edgeCount = graph.edgeCount
        try require(
            scores.count == edgeCount && perPair.map { $0.shape[0] } ?? edgeCount == edgeCount,
            "scores that aren't one for each of the graph's \(edgeCount) edges")
        let nodeCount = graph.nodes.count
        if let path = pathOfNonFinite {
            throw ArtifactError(
                .badData, path: path,
                "a score is infinite or not a number: the activations or the metric's gradient "
                    + "overflow on these pairs")
        }
        try require(
            nodeScores.map(\.count) ?? nodeCount == nodeCount
                && neuronScores.map { $0.shape[0] } ?? nodeCount == nodeCount,
            "scores that aren't one for each of the graph's \(nodeCount) nodes")
    }
}
