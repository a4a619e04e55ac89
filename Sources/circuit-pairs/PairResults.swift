import Artifacts
import Basics
import Experiments
import Foundation
import Presentation
import Tasks
import Tokenization
import ToolSupport

/// What `--report` and `--check` say of pairs.
struct PairResults {
    let pairs: SourcePairs
    let report: TaskReport
    /// The verdict of `--check`.
    let verdict: DatasetVerdict?

    init(pairs: SourcePairs, report: TaskReport, isChecked: Bool) {
        self.pairs = pairs
        self.report = report
        verdict = isChecked ? DatasetVerdict(pairs.dataset, report) : nil
    }

    /// Prints them: on standard output or, where that carries the artifact, the summary on stderr.
    /// - Parameters:
    ///   - limit: the most rows of the table of pairs; nil for all.
    ///   - showsPairs: whether there is such a table.
    func print(isJSON: Bool, limit: Int?, showsPairs: Bool, toStandardOutput: Bool) throws {
        if isJSON, toStandardOutput {
            return try StandardOutput.print(JSONText.line(PairResultsJSON(self)))
        }
        for line in summary + (verdict.map(lines) ?? []) {
            if toStandardOutput { try StandardOutput.print(line) } else { Console.print(line) }
        }
        guard toStandardOutput, showsPairs else { return }
        try StandardOutput.print("\n" + table.text(limit: limit))
        try StandardOutput.print(
            "right: the answer is likelier than every wrong answer; top, rank 1: than every other "
                + "token; says: the likeliest token"
                + (hasLongAnswers
                    ? "; of answers in several tokens right, top and rank judge the first token"
                    : ""))
    }

    /// Whether an answer has several tokens.
    private var hasLongAnswers: Bool {
        (pairs.dataset.answers + pairs.dataset.wrongAnswers).joined().contains { $0.count > 1 }
    }

    /// The report in three lines.
    private var summary: [String] {
        func percent(_ share: Double?) -> String {
            share.map { String(format: "%.1f%%", $0 * 100) } ?? "-"
        }
        func line(_ name: String, _ side: TaskReport.Side) -> String {
            name.padding(to: 14) + percent(side.accuracy).padding(to: 8)
                + percent(side.topAccuracy).padding(to: 8) + String(format: "%.4f", side.metric)
        }
        return [
            "\(report.pairCount) pairs".padding(to: 14) + "right   top     " + report.metric.label,
            line("clean", report.clean), line("corrupted", report.corrupted),
        ]
    }

    private func lines(_ verdict: DatasetVerdict) -> [String] {
        var lines = verdict.findings.map { finding in
            finding.verdict.rawValue.padding(to: 8) + finding.check.padding(to: 12) + finding.figure
                + (finding.advice.isEmpty ? "" : ": " + finding.advice)
        }
        lines.append("verdict: \(verdict.verdict.rawValue)")
        return lines
    }

    /// A row a pair, those first that the metric likes least.
    private var table: ReportTable {
        let sign = report.metric.lossSign
        let order = report.cleanOutcomes.indices.sorted { one, other in
            let (first, second) = (report.cleanOutcomes[one], report.cleanOutcomes[other])
            let (isFirstRight, isSecondRight) = (first.isCorrect ?? true, second.isCorrect ?? true)
            if isFirstRight != isSecondRight { return !isFirstRight }
            let (firstLoss, secondLoss) = (sign * first.metric, sign * second.metric)
            return firstLoss != secondLoss ? firstLoss > secondLoss : one < other
        }
        func word(_ flag: Bool?) -> String { flag.map { $0 ? "yes" : "no" } ?? "-" }
        return ReportTable(
            title: "pairs, those at the top that the model does worst",
            columns: [
                "from", "right", "top", ">rank", ">\(report.metric.label)", ">corrupted", "answer",
                "says", "clean prompt",
            ],
            rows: order.map { pair in
                let outcome = report.cleanOutcomes[pair]
                return [
                    pairs.location(of: pair), word(outcome.isRight), word(outcome.isTop),
                    outcome.rank.map(String.init) ?? "-", String(format: "%.3f", outcome.metric),
                    String(format: "%.3f", report.corruptedOutcomes[pair].metric),
                    pairs.answer(of: pair), pairs.text(of: [outcome.likeliest]),
                    pairs.prompt(of: pair),
                ]
            })
    }
}

extension SourcePairs {
    /// The first answer of a pair, and how many more there are.
    fileprivate func answer(of pair: Int) -> String {
        guard let first = dataset.answers[pair].first else { return "-" }
        let more = dataset.answers[pair].count - 1
        return text(of: first) + (more > 0 ? " +\(more)" : "")
    }

    /// Tokens as text in quotation marks or, without a tokenizer, as ids.
    fileprivate func text(of ids: [Int32]) -> String {
        guard let tokenizer else {
            return ids.map(String.init).joined(separator: " ")
        }
        return "\"" + tokenizer.decode(ids).printable + "\""
    }

    /// The end of a pair's clean prompt.
    fileprivate func prompt(of pair: Int) -> String {
        let whole =
            dataset.clean.texts.map { $0[pair].printable } ?? text(of: dataset.clean.ids[pair])
        return whole.count > 48 ? "..." + whole.suffix(45) : whole
    }
}
