package import Artifacts

extension Report {
    /// An evaluation that was stored.
    init(_ artifact: Artifact<EvaluationArtifact>, header: ArtifactHeader) {
        self.init(header: header, source: artifact.source)
        addSummary(of: artifact.content)
        add(artifact.provenance)
        addTables(of: artifact.content)
    }

    /// An evaluation that was just made.
    package init(_ evaluation: EvaluationArtifact) {
        self.init()
        addSummary(of: evaluation)
        addTables(of: evaluation)
    }

    private mutating func addSummary(of evaluation: EvaluationArtifact) {
        add(evaluation.model)
        add("of", Self.text(evaluation.subject))
        if let truth = evaluation.truth { add("against", Self.text(truth)) }
        if !evaluation.metric.isEmpty {
            add("metric", "\(evaluation.metric), ablation \(evaluation.ablation)")
        }
        add("dataset", evaluation.datasetDigest)
        if let bootstrap = evaluation.bootstrap {
            add(
                "intervals",
                "level \(bootstrap.confidence), \(bootstrap.samples) samples of the pairs, seed "
                    + "\(bootstrap.seed)")
        }
    }

    private static func text(_ reference: ArtifactReference) -> String {
        let path = ["", "-"].contains(reference.path) ? "" : " \(reference.path)"
        return "\(reference.kind.rawValue)\(path) \(reference.digest)"
    }

    private mutating func addTables(of evaluation: EvaluationArtifact) {
        add(
            ReportTable(
                title: "figures", columns: ["figure", ">value", ">from", ">to"],
                rows: evaluation.figures.map { figure in
                    [
                        figure.name, Figures.short(figure.value), Figures.short(figure.lower),
                        Figures.short(figure.upper),
                    ]
                }, isWhole: true))
        for curve in evaluation.curves { add(Self.table(curve)) }
        add(Self.minimality(evaluation))
    }

    /// The edges of a circuit by what cutting each of them does to the loss.
    private static func minimality(_ evaluation: EvaluationArtifact) -> ReportTable {
        let values = evaluation.edgeColumns["minimality"] ?? []
        let columns = [
            values, evaluation.edgeColumns["minimality_lower"],
            evaluation.edgeColumns["minimality_upper"],
        ]
        let order = values.indices.filter { !values[$0].isNaN }
            .sorted { (values[$0], $1) > (values[$1], $0) }
        return ReportTable(
            title: "minimality: how much the loss grows without the edge, most needed first",
            columns: ["edge", ">growth", ">from", ">to"],
            rows: order.map { edge in
                [evaluation.graph?.edgeName(edge) ?? "\(edge)"]
                    + columns.map { $0.map { Figures.signed($0[edge]) } ?? "-" }
            })
    }

    private static func table(_ curve: EvaluationArtifact.Curve) -> ReportTable {
        func cell(_ values: [Double]?, _ index: Int) -> String {
            guard let values, index < values.count else { return "-" }
            return Figures.short(values[index])
        }
        return ReportTable(
            title: curve.name,
            columns: [">\(curve.xLabel)", ">edges", ">\(curve.yLabel)", ">from", ">to"],
            rows: curve.x.indices.map { index in
                let edges = curve.edgeCounts.map { index < $0.count ? "\($0[index])" : "-" } ?? "-"
                return [
                    cell(curve.x, index), edges, cell(curve.y, index), cell(curve.lower, index),
                    cell(curve.upper, index),
                ]
            })
    }
}
