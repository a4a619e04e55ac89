import Artifacts
import Basics

extension CircuitDiffArtifact.HeadMatches {
    /// What the matches are worth.
    func addSummary(to report: inout Report) {
        guard !first.isEmpty else {
            report.add(
                "heads",
                "none is at least \(Figures.plain(least)) alike to one of the other circuit")
            return
        }
        let mean = similarity.reduce(0, +) / Double(similarity.count)
        let unclear = gap.count { $0 < Self.clearGap }
        report.add(
            "heads",
            "\(first.count) matched, mean similarity \(Figures.fixed(mean, digits: 2)), of any two heads "
                + "\(Figures.fixed(meanSimilarity, digits: 2)); \(unclear) of the matches are less than "
                + "\(Figures.plain(Self.clearGap)) ahead of another one")
    }

    /// A match that is less than this ahead of the next best could as well be another.
    private static let clearGap = 0.05

    /// The heads side by side, and what made them alike.
    func addTables(to report: inout Report) {
        report.add(
            ReportTable(
                title: "heads that play the same part",
                columns: [
                    "first", "second", ">similarity", ">gap", "role in the first", "in the second",
                ],
                rows: first.indices.map { match in
                    [
                        first[match], second[match], Figures.fixed(similarity[match], digits: 2),
                        gap[match].isNaN ? "-" : Figures.fixed(gap[match], digits: 2),
                        firstRoles[match], secondRoles[match],
                    ]
                }, isWhole: true))
        report.add(
            ReportTable(
                title: "their similarity by part",
                columns: ["first", "second"] + partNames.map { ">" + $0 },
                rows: first.indices.map { match in
                    [first[match], second[match]]
                        + parts[row: match].map { $0.isNaN ? "-" : Figures.fixed($0, digits: 2) }
                }, isWhole: true))
    }
}
