extension CircuitArtifact: ArtifactContent {
    /// `circuit`
    package static var kind: ArtifactKind { .circuit }

    /// Encodes the value as a tree; throws `usage` where columns don't fit the graph.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        try requireConsistency()
        var root = ContentGroup()
        root.set("method", method)
        root.set("metric", metric)
        root.set("full_metric", fullMetric)
        root.set("circuit_metric", circuitMetric)
        root.set("corrupted_metric", ablatedMetric)
        root.set("threshold", threshold)
        root.set("order", order)
        root.set("nominal_edge_count", nominalEdgeCount)
        root.set("pairs_per_test", pairsPerTest)
        root.set("error_rate", errorRate)
        root.set("ablation", ablation)
        root.set("dataset_digest", datasetDigest)
        root.set("cache_digest", cacheDigest)
        root.set("scores_digest", scoresDigest)
        root.groups["model"] = model?.content
        try graph.write(into: &root)

        var nodes = try root.group("nodes")
        nodes.set("in_circuit", nodeInCircuit, dim: "node")
        nodes.set("neuron_in_circuit", neurons, dims: ["node", "neuron"])
        if let neuronCounts { nodes.set("neuron_count", neuronCounts, dim: "node") }
        if let roles { nodes.set("role", roles, dim: "node") }
        root.groups["nodes"] = nodes
        var edges = try root.group("edges")
        edges.set("in_circuit", inCircuit, dim: "edge")
        if let scores { edges.set("score", scores, dim: "edge") }
        if let keptShare { edges.set("kept_share", keptShare, dim: "edge") }
        root.groups["edges"] = edges

        var log = ContentGroup()
        decisions.write(into: &log, dim: "decision")
        root.groups["decisions"] = log
        if !runs.isEmpty { root.groups["runs"] = try runs.content(edgeCount: graph.edgeCount) }
        return root
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        let nodes = try root.group("nodes")
        let edges = try root.group("edges")
        var runs: [CircuitRun] = []
        if let group = root.groups["runs"] { runs = try [CircuitRun](from: group) }
        self.init(
            model: try .optional(in: root), graph: try GraphTable(from: root),
            inCircuit: try edges.values("in_circuit"),
            nodeInCircuit: try nodes.values("in_circuit"),
            scores: try edges.optionalValues("score"),
            neurons: try nodes.array("neuron_in_circuit"),
            neuronCounts: try nodes.optionalValues("neuron_count"),
            roles: try nodes.optionalValues("role"),
            keptShare: try edges.optionalValues("kept_share"), method: try root.text("method"),
            metric: try root.text("metric"), fullMetric: try root.number("full_metric"),
            circuitMetric: try root.number("circuit_metric"),
            ablatedMetric: try root.number("corrupted_metric"),
            threshold: root.optionalNumber("threshold"), order: try root.text("order"),
            nominalEdgeCount: root.optionalInteger("nominal_edge_count"),
            pairsPerTest: root.optionalInteger("pairs_per_test"),
            errorRate: root.optionalNumber("error_rate"),
            ablation: try root.text("ablation"),
            decisions: try [LoggedDecision](from: root.group("decisions")), runs: runs,
            datasetDigest: root.optionalText("dataset_digest"),
            cacheDigest: root.optionalText("cache_digest"),
            scoresDigest: root.optionalText("scores_digest"))
    }

    private func requireConsistency() throws(ArtifactError) {
        let edgeCount = graph.edgeCount
        try require(
            inCircuit.count == edgeCount && scores.map(\.count) ?? edgeCount == edgeCount
                && keptShare.map(\.count) ?? edgeCount == edgeCount,
            "a circuit whose columns don't have one value for each of its \(edgeCount) edges")
        let nodeCount = graph.nodes.count
        try require(
            nodeInCircuit.count == nodeCount
                && neurons.map { $0.shape[0] } ?? nodeCount == nodeCount
                && neuronCounts.map(\.count) ?? nodeCount == nodeCount
                && roles.map(\.count) ?? nodeCount == nodeCount,
            "a circuit whose columns don't have one value for each of its \(nodeCount) nodes")
    }
}
