import Artifacts
import Basics

extension PatchEffectsArtifact {
    func addSummary(to report: inout Report) {
        func mean(_ values: [Double]) -> String {
            Figures.short(
                values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count))
        }
        report.add(model)
        report.add("patched", "\(site), \(directionInWords), ablation \(ablation)")
        report.add(
            "metric",
            "\(MetricName.label(of: metric)): clean \(mean(cleanMetric)), corrupted \(mean(corruptedMetric)), "
                + "the mean over \(cleanMetric.count) pairs")
        report.add("dataset", datasetDigest)
        report.add("cache", cacheDigest)
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        // A heat map of more components couldn't be read.
        var options = HeatMap.Options()
        options.isNormalized = selection.isNormalized
        do throws(Failure) {
            if level == "edge" || components.count > 400 {
                let shown = selection.isNormalized ? try normalizedEffects() : effects
                report.add(effectTable(shown.values, isNormalized: selection.isNormalized))
            } else {
                report.add(try HeatMap(self, options))
            }
        } catch {
            report.add("effects", error.description)
        }
    }

    private func effectTable(_ shown: [Float], isNormalized: Bool) -> ReportTable {
        let width = max(1, positions.count)
        // By the effect itself: as shares, what changes nothing may be 0 or 1.
        let order = effects.values.indices
            .filter { !effects.values[$0].isNaN }
            .sorted { (abs(effects.values[$1]), $0) < (abs(effects.values[$0]), $1) }
        return ReportTable(
            title: "effects, strongest first"
                + (isNormalized ? ", normalised: 0 corrupted, 1 clean" : ""),
            columns: ["component", "position", ">effect"],
            rows: order.map { index in
                [
                    components[index / width], positions[index % width],
                    isNormalized
                        ? Figures.short(Double(shown[index]))
                        : Figures.signed(Double(shown[index])),
                ]
            })
    }
}
