import Artifacts
import Basics

extension FeatureCircuitArtifact {
    func addSummary(to report: inout Report) {
        report.add(model)
        report.add(transcoders)
        report.add(
            "features",
            "\(Figures.count(circuit.count)) that at least \(Figures.short(share)) of "
                + "\(Figures.count(graphs.count)) graphs keep, of \(Figures.count(features.count)) "
                + "that any keeps")
        report.add("dataset", datasetDigest)
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        let order = features.filter(\.inCircuit).sorted {
            ($0.influence, $1.layer, $1.index) > ($1.influence, $0.layer, $0.index)
        }
        report.add(
            ReportTable(
                title: "features of the circuit, most influential first",
                columns: ["feature", ">graphs", ">share", ">mean influence", ">mean activation"],
                rows: order.map { feature in
                    [
                        feature.name, "\(feature.count)",
                        Figures.fixed(Double(feature.count) / Double(graphs.count), digits: 2),
                        Figures.short(feature.influence),
                        Figures.short(Double(feature.activation)),
                    ]
                }))
        report.add(
            ReportTable(
                title: "edges between them, strongest first",
                columns: ["edge", ">graphs", ">mean weight"],
                rows: edges.filter { selection.selects(name(of: $0)) }
                    .sorted { abs($0.weight) > abs($1.weight) }.map { edge in
                        [name(of: edge), "\(edge.count)", Figures.signed(Double(edge.weight))]
                    }), selectedBy: selection)
        report.add(
            ReportTable(
                title: "graphs", columns: ["prompt"], rows: graphs.map { [$0.name] }))
    }
}
