import Artifacts
import Basics

extension SteeringVectorArtifact {
    func addSummary(to report: inout Report) {
        if let model { report.add(model) }
        if let modelHint { report.add("architecture", modelHint) }
        report.add("method", method)
        report.add("added to", "\(site), \(width) values")
        if let pairCount { report.add("pairs", "\(pairCount)") }
        report.add("dataset", datasetDigest)
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        var columns = [">layer", "position", ">norm"]
        if explained != nil { columns.append(">variance explained") }
        if pairsUsed != nil { columns.append(">pairs") }
        var rows: [[String]] = []
        for (layer, number) in layers.enumerated() {
            for (position, label) in positions.enumerated() {
                var row = [
                    "\(number)", label,
                    Figures.short(Double(norm(layer: layer, position: position))),
                ]
                let place = layer * positions.count + position
                if let explained { row.append(Figures.short(Double(explained.values[place]))) }
                if let pairsUsed { row.append("\(pairsUsed.values[place])") }
                rows.append(row)
            }
        }
        report.add(ReportTable(title: "vectors", columns: columns, rows: rows))
    }
}
