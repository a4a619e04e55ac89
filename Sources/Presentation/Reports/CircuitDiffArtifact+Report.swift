package import Artifacts
import Basics
package import Graphs

extension Report {
    /// The report on a comparison that wasn't read from a file.
    ///
    /// - Parameters:
    ///   - diff: The part of it that an artifact stores.
    ///   - comparison: The whole comparison.
    package init(_ diff: CircuitDiffArtifact, _ comparison: CircuitComparison) {
        self.init()
        diff.addSummary(to: &self, alignment: comparison.alignment.statement)
        if let scores = comparison.scores {
            add(
                "scores",
                "of \(Figures.count(scores.count)) edges scored in both: mean difference "
                    + "\(Figures.short(scores.meanAbsolute)), largest "
                    + "\(Figures.short(scores.maximum)) (\(scores.maximumEdge)), "
                    + "correlation \(Figures.short(scores.correlation))")
        }
        let unaligned = comparison.unaligned
        if unaligned.firstEdges + unaligned.secondEdges > 0 {
            add(
                "besides",
                "\(Figures.count(unaligned.firstEdges)) edges of the first and "
                    + "\(Figures.count(unaligned.secondEdges)) of the second have an end without a "
                    + "counterpart: Jaccard counts them as in one circuit only")
        }
        if let neurons = comparison.neurons {
            add("neurons", overlap(neurons.onlyFirst, neurons.onlySecond, both: neurons.both))
        }
        diff.addTables(to: &self, ReportSelection())
    }
}

extension CircuitDiffArtifact {
    func addSummary(to report: inout Report) {
        addSummary(to: &report, alignment: ["aligned by \(alignment)"])
    }

    fileprivate func addSummary(to report: inout Report, alignment statement: [String]) {
        report.add("first", first.line)
        report.add("second", second.line)
        report.add("alignment", lines: statement)
        if let headMatches { headMatches.addSummary(to: &report) }
        report.add("edges", Self.counts(edges, jaccard: edgeJaccard))
        report.add("nodes", Self.counts(nodes, jaccard: nodeJaccard))
        for (name, side) in [("first", first), ("second", second)]
        where !side.unalignedNodes.isEmpty {
            report.add(
                "only \(name)", "not aligned: " + side.unalignedNodes.joined(separator: " "))
        }
    }

    private static func counts(_ entries: [Entry], jaccard: Double) -> String {
        let first = entries.count { $0.inFirst && !$0.inSecond }
        let second = entries.count { $0.inSecond && !$0.inFirst }
        return overlap(first, second, both: entries.count - first - second)
            + "; Jaccard \(Figures.fixed(jaccard, digits: 4))"
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        if let headMatches { headMatches.addTables(to: &report) }
        let isLayer = { (group: String) in !group.contains("->") }
        report.add(
            Self.summaryTable(
                "edges by the receiver's layer", summaries.filter { isLayer($0.group) }))
        report.add(
            Self.summaryTable("edges by type", summaries.filter { !isLayer($0.group) }))
        report.add(
            ReportTable(
                title: "nodes in one circuit only", columns: ["node", "in"],
                rows: nodes.filter { $0.inFirst != $0.inSecond }
                    .map { [$0.name, $0.inFirst ? "first" : "second"] }))
        report.add(
            Self.edgeTable("edges only in the first", edges.filter { $0.inFirst && !$0.inSecond }))
        report.add(
            Self.edgeTable("edges only in the second", edges.filter { $0.inSecond && !$0.inFirst }))
        report.add(Self.edgeTable("edges in both", edges.filter { $0.inFirst && $0.inSecond }))
    }

    private static func summaryTable(_ title: String, _ summaries: [Summary]) -> ReportTable {
        ReportTable(
            title: title, columns: ["", ">only first", ">only second", ">both"],
            rows: summaries.map { summary in
                [
                    summary.group, "\(summary.onlyFirst)", "\(summary.onlySecond)",
                    "\(summary.both)",
                ]
            }, isWhole: true)
    }

    private static func edgeTable(_ title: String, _ entries: [Entry]) -> ReportTable {
        func strength(_ entry: Entry) -> Float {
            max(
                entry.firstScore.isNaN ? -1 : abs(entry.firstScore),
                entry.secondScore.isNaN ? -1 : abs(entry.secondScore))
        }
        let sorted = entries.enumerated()
            .map { (offset: $0.offset, entry: $0.element, strength: strength($0.element)) }
            .sorted { ($0.strength, $1.offset) > ($1.strength, $0.offset) }
        return ReportTable(
            title: title + ", strongest first",
            columns: ["edge", ">first score", ">second score"],
            rows: sorted.map { item in
                [
                    item.entry.name, Figures.signed(Double(item.entry.firstScore)),
                    Figures.signed(Double(item.entry.secondScore)),
                ]
            })
    }
}

extension CircuitDiffArtifact.Side {
    /// The circuit in one line.
    fileprivate var line: String {
        var parts = [circuit.path == "-" ? "(standard input)" : circuit.path]
        if let model { parts.append(model.name) }
        if let threshold { parts.append("threshold \(threshold.inSixDigits)") }
        parts.append("\(Figures.count(edgeCount)) edges")
        parts.append("\(Figures.count(nodeCount)) nodes")
        return parts.joined(separator: ", ")
    }
}

private func overlap(_ first: Int, _ second: Int, both: Int) -> String {
    "\(Figures.count(first)) only in the first, \(Figures.count(second)) only in the second, "
        + "\(Figures.count(both)) in both"
}
