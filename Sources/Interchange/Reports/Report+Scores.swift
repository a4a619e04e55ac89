import Artifacts

extension Report {
    /// Attribution scores.
    init(
        _ artifact: Artifact<EdgeScoresArtifact>, header: ArtifactHeader, _ chosen: ReportSelection
    ) {
        self.init(header: header, source: artifact.source)
        let scores = artifact.content
        add(scores.model)
        add(scores.graph)
        var method = scores.method
        if let steps = scores.steps { method += ", \(steps) steps" }
        if let seed = scores.seed { method += ", seed \(seed)" }
        add("method", method + ", ablation \(scores.ablation)")
        let values = [("full model", scores.fullMetric), ("all corrupted", scores.corruptedMetric)]
            .filter { !$0.1.isNaN }
            .map { "\($0.0) \(Figures.short($0.1 * Self.sign(ofMetric: scores.metric)))" }
        add("metric", ([scores.metric] + values).joined(separator: ", "))
        add("edges", Figures.count(scores.scores.count))
        if let perPair = scores.perPair {
            add("pairs", "\(perPair.shape.last ?? 0), scores of each")
        }
        add("dataset", scores.datasetDigest)
        add("cache", scores.cacheDigest)
        add(artifact.provenance)
        add(Self.strongest(scores, chosen), asking: chosen)
    }

    private static func strongest(
        _ scores: EdgeScoresArtifact, _ chosen: ReportSelection
    ) -> ReportTable {
        let order = scores.scores.indices
            .filter { chosen.selects(scores.graph.edgeName($0)) }
            .map { (edge: $0, strength: scores.scores[$0].isNaN ? -1 : abs(scores.scores[$0])) }
            .sorted { ($0.strength, $1.edge) > ($1.strength, $0.edge) }
        return ReportTable(
            title: "edges, strongest first", columns: ["edge", ">score"],
            rows: order.map { entry in
                [
                    scores.graph.edgeName(entry.edge),
                    Figures.signed(Double(scores.scores[entry.edge])),
                ]
            })
    }
}
