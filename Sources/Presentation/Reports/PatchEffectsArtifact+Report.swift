import Artifacts

extension PatchEffectsArtifact {
    func addSummary(to report: inout Report) {
        func mean(_ values: [Double]) -> String {
            Figures.short(
                values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count))
        }
        report.add(model)
        report.add("patched", "\(site), \(direction), ablation \(ablation)")
        report.add(
            "metric",
            "\(MetricName.label(of: metric)): clean \(mean(cleanMetric)), corrupted \(mean(corruptedMetric)), "
                + "the mean over \(cleanMetric.count) pairs")
        report.add("dataset", datasetDigest)
        report.add("cache", cacheDigest)
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        // A heat map of more components couldn't be read.
        if level == "edge" || components.count > 400 {
            report.add(effectTable)
        } else {
            report.add(HeatMap(self))
        }
    }

    private var effectTable: ReportTable {
        let width = max(1, positions.count)
        let order = effects.values.indices
            .filter { !effects.values[$0].isNaN }
            .sorted { abs(effects.values[$0]) > abs(effects.values[$1]) }
        return ReportTable(
            title: "effects, strongest first", columns: ["component", "position", ">effect"],
            rows: order.map { index in
                [
                    components[index / width], positions[index % width],
                    Figures.signed(Double(effects.values[index])),
                ]
            })
    }
}
