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
            prompts.texts.map { visible($0[pair]) } ?? list(prompts.ids[pair])
        }
        func answers(_ answers: [[Int32]]) -> String { answers.map(list).joined(separator: " | ") }
        report.add(
            ReportTable(
                title: "pairs", columns: [">", "prompts", "answer ids", "wrong answer ids"],
                rows: (0..<pairCount).flatMap { pair -> [[String]] in
                    let wrong = pair < wrongAnswers.count ? answers(wrongAnswers[pair]) : ""
                    return [
                        [
                            "\(pair)", "clean      " + prompt(clean, pair),
                            answers(self.answers[pair]), wrong,
                        ],
                        ["", "corrupted  " + prompt(corrupted, pair), "", ""],
                    ]
                }))
    }
}

/// The first 24 token ids.
private func list(_ tokens: [Int32]) -> String {
    let shown = tokens.prefix(24).map(String.init).joined(separator: " ")
    return tokens.count > 24 ? shown + " ..." : shown
}

/// `text` on one line, without characters that would act on a terminal.
private func visible(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar == "\n" {
            result += "\\n"
        } else if scalar.value < 32 || (127..<160).contains(scalar.value) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
