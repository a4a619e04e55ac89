import Artifacts

extension Report {
    /// An evaluation.
    init(_ artifact: Artifact<EvaluationArtifact>, header: ArtifactHeader) {
        self.init(header: header, source: artifact.source)
        let evaluation = artifact.content
        add(evaluation.model)
        add("of", "\(evaluation.subject.kind.rawValue) \(evaluation.subject.digest)")
        if let truth = evaluation.truth { add("against", "\(truth.kind.rawValue) \(truth.digest)") }
        add("metric", "\(evaluation.metric), ablation \(evaluation.ablation)")
        add("dataset", evaluation.datasetDigest)
        add(artifact.provenance)
        add(
            ReportTable(
                title: "figures", columns: ["figure", ">value", ">from", ">to"],
                rows: evaluation.figures.map { figure in
                    [
                        figure.name, Figures.short(figure.value), Figures.short(figure.lower),
                        Figures.short(figure.upper),
                    ]
                }))
        for curve in evaluation.curves {
            add(Self.table(curve))
        }
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
