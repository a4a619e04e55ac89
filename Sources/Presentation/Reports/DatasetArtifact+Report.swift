import Artifacts

extension DatasetArtifact {
    func addSummary(to report: inout Report) {
        report.add(model)
        report.add("task", task + (seed.map { ", seed \($0)" } ?? ""))
        if let shortest = lengths.min(), let longest = lengths.max() {
            let range = shortest == longest ? "\(shortest)" : "\(shortest) to \(longest)"
            report.add(
                "pairs",
                "\(pairCount), of \(range) tokens" + (bosAdded ? ", BOS included" : ""))
        }
        report.add("named positions", positions.keys.sorted().joined(separator: ", "))
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        func prompt(_ prompts: Prompts, _ pair: Int) -> String {
            prompts.texts.map { $0[pair] } ?? list(prompts.ids[pair])
        }
        func cell(_ sets: [[[Int32]]], _ texts: [[String]]?, _ pair: Int) -> String {
            let set = pair < sets.count ? sets[pair] : []
            let shown = texts.map { $0[pair].map { "\"\($0)\"" } } ?? set.map(list)
            let rest = shown.count > 4 ? " and \(shown.count - 4) more" : ""
            return shown.prefix(4).joined(separator: " | ") + rest
        }
        let (right, wrong) =
            answerTexts == nil ? ("answer ids", "wrong answer ids") : ("answers", "wrong answers")
        report.add(
            ReportTable(
                title: "pairs", columns: [">", "prompts", right, wrong],
                rows: (0..<pairCount).flatMap { pair -> [[String]] in
                    [
                        [
                            "\(pair)", "clean      " + prompt(clean, pair),
                            cell(answers, answerTexts, pair),
                            cell(wrongAnswers, wrongAnswerTexts, pair),
                        ],
                        ["", "corrupted  " + prompt(corrupted, pair), "", ""],
                    ]
                }, linesPerRow: 2))
    }
}

/// The first 24 token ids.
private func list(_ tokens: [Int32]) -> String {
    let shown = tokens.prefix(24).map(String.init).joined(separator: " ")
    return tokens.count > 24 ? shown + " ..." : shown
}
