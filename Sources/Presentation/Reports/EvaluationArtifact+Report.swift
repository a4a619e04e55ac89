package import Artifacts
import Basics

extension Report {
    /// The report on an evaluation that wasn't read from a file.
    package init(_ evaluation: EvaluationArtifact) {
        self.init()
        evaluation.addSummary(to: &self)
        evaluation.addTables(to: &self, ReportSelection())
    }
}

extension EvaluationArtifact {
    func addSummary(to report: inout Report) {
        func text(_ reference: ArtifactReference) -> String {
            let path = ["", "-"].contains(reference.path) ? "" : " \(reference.path)"
            return "\(reference.kind.rawValue)\(path) \(reference.digest)"
        }
        report.add(model)
        report.add("of", subject.map(text))
        if subject == nil {
            let files = Set(circuits.map(\.file)).count
            report.add("of", "\(circuits.count) circuits of \(files) files")
        }
        if let truth { report.add("against", text(truth)) }
        if !metric.isEmpty {
            report.add("metric", "\(MetricName.label(of: metric)), ablation \(ablation)")
        }
        report.add("dataset", datasetDigest)
        report.add("pairs", heldOutLine)
        if let bootstrap {
            report.add(
                "intervals",
                "level \(bootstrap.confidence), \(bootstrap.samples) samples of the pairs, seed "
                    + "\(bootstrap.seed)")
        }
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        report.add(
            ReportTable(
                title: "figures", columns: ["figure", ">value", ">from", ">to"],
                rows: figures.map { figure in
                    [
                        figure.name,
                        figure.isCount ? Figures.plain(figure.value) : Figures.short(figure.value),
                        Figures.short(figure.lower),
                        Figures.short(figure.upper),
                    ]
                }, isWhole: true))
        report.add(circuitTable)
        report.add(sharedEdgeTable)
        for curve in curves { report.add(curve.table) }
        report.add(stabilityTable)
        report.add(minimalityTable)
    }

    /// The edges of a circuit by the growth of the loss when each alone is cut.
    private var minimalityTable: ReportTable {
        let values = edgeColumns["minimality"] ?? []
        let columns = [
            values, edgeColumns["minimality_lower"], edgeColumns["minimality_upper"],
        ]
        let order = values.indices.filter { !values[$0].isNaN }
            .sorted { (values[$0], $1) > (values[$1], $0) }
        return ReportTable(
            title: "minimality: how much the loss grows without the edge, most needed first",
            columns: ["edge", ">growth", ">from", ">to"],
            rows: order.map { edge in
                [graph?.edgeName(edge) ?? "\(edge)"]
                    + columns.map { $0.map { Figures.signed($0[edge]) } ?? "-" }
            })
    }
}

extension EvaluationArtifact.Figure {
    /// Whether it is a number of things.
    fileprivate var isCount: Bool {
        name.hasPrefix("edges-")
            || ["edges", "nodes", "pairs", "circuits", "best-edges", "random-drawings"]
                .contains(name)
    }
}

extension EvaluationArtifact.Curve {
    fileprivate var table: ReportTable {
        func cell(_ values: [Double]?, _ index: Int) -> String {
            guard let values, index < values.count else { return "-" }
            return Figures.short(values[index])
        }
        return ReportTable(
            title: name,
            columns: [">\(xLabel)"] + (edgeCounts == nil ? [] : [">edges"])
                + [">\(yLabel)", ">from", ">to"],
            rows: x.indices.map { index in
                [xLabel == "pairs" ? Figures.plain(x[index]) : cell(x, index)]
                    + (edgeCounts.map { [index < $0.count ? "\($0[index])" : "-"] } ?? [])
                    + [cell(y, index), cell(lower, index), cell(upper, index)]
            })
    }
}
