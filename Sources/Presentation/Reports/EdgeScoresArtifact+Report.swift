import Artifacts
import Basics

extension EdgeScoresArtifact {
    func addSummary(to report: inout Report) {
        report.add(model)
        report.add(graph)
        var text = method
        if let steps { text += ", \(steps) steps" }
        if let seed { text += ", seed \(seed)" }
        report.add("method", text + ", ablation \(ablation)")
        let values = [("full model", fullMetric), ("all corrupted", ablatedMetric)]
            .filter { !$0.1.isNaN }
            .map { "\($0.0) \(Figures.short($0.1))" }
        report.add("metric", ([MetricName.label(of: metric)] + values).joined(separator: ", "))
        report.add("its content", MetricName.content(of: metric))
        report.add("edges", Figures.count(scores.count))
        if let perPair {
            report.add(
                "pairs",
                "\(perPair.shape.last ?? 0), with the scores in each (score_per_pair): "
                    + "circuit-eval --stability resamples them")
        }
        report.add("dataset", datasetDigest)
        report.add("cache", cacheDigest)
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        let order = scores.indices
            .filter { selection.selects(graph.edgeName($0)) }
            .map { (edge: $0, strength: scores[$0].isNaN ? -1 : abs(scores[$0])) }
            .sorted { ($0.strength, $1.edge) > ($1.strength, $0.edge) }
        report.add(
            ReportTable(
                title: "edges, strongest first", columns: ["edge", ">score"],
                rows: order.map { entry in
                    [graph.edgeName(entry.edge), Figures.signed(Double(scores[entry.edge]))]
                }), selectedBy: selection)
    }
}
