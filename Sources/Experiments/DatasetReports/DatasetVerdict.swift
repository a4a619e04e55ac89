package import Artifacts
import Basics
package import Tasks

/// A verdict on a dataset for a model: what its pairs are like, and whether the model does the task
/// after the clean prompts and not after the corrupted ones. docs/data.md lists the thresholds.
package struct DatasetVerdict: Hashable, Sendable {
    /// Each check's finding.
    package let findings: [DatasetFinding]

    /// The worst of them.
    package var verdict: DatasetFinding.Verdict { findings.map(\.verdict).max() ?? .green }

    /// The verdict on `dataset`, of which `report` is.
    package init(_ dataset: DatasetArtifact, _ report: TaskReport) {
        findings =
            [Self.accuracy(report), Self.signal(report), Self.corruption(report)]
            .compactMap(\.self) + dataset.findings
    }

    /// Whether the model does the task.
    private static func accuracy(_ report: TaskReport) -> DatasetFinding? {
        guard let share = share(report.cleanOutcomes, \.isCorrect) else { return nil }
        return DatasetFinding(
            "accuracy", share >= 0.9 ? .green : share >= 0.6 ? .yellow : .red,
            "\(DatasetFinding.percent(share)) of pairs are right", value: share,
            advice:
                "a circuit of what the model can't do means little: keep the pairs that it gets "
                + "right (--only-right), or take an easier task")
    }

    /// Whether the metric tells clean from corrupted: in how many pairs, and by how much.
    private static func signal(_ report: TaskReport) -> DatasetFinding {
        let changes = report.changes
        let count = changes.count { $0 > 1e-3 }
        let share = Double(count) / Double(max(1, report.pairCount))
        let figure =
            "\(report.metric.label) is better after the clean prompt in "
            + "\(DatasetFinding.percent(share)) of pairs, \(Figures.plain(report.clean.metric)) on "
            + "average and \(Figures.plain(report.corrupted.metric)) after the corrupted one"
        let advice: String
        if report.isReversed {
            advice =
                "it is better after the corrupted prompts on average: are clean and corrupted "
                + "exchanged?"
        } else if report.isWithoutSignal {
            advice =
                "that is as good as no difference, so that nothing is there to be found: corrupt what "
                + "the answer depends on, or take a task that the model can do"
        } else {
            advice =
                "patching can't show what makes the difference in the others: corrupt what the "
                + "answer depends on"
        }
        return DatasetFinding(
            "signal",
            report.isWithoutSignal || share < 0.75 ? .red : share < 0.95 ? .yellow : .green, figure,
            value: share, advice: advice)
    }

    /// Whether corrupting takes the answer away where the model has it.
    private static func corruption(_ report: TaskReport) -> DatasetFinding? {
        let right = zip(report.cleanOutcomes, report.corruptedOutcomes).filter {
            $0.0.isCorrect == true
        }
        guard let share = share(right.map(\.1), \.isCorrect) else { return nil }
        return DatasetFinding(
            "corruption", share <= 0.7 ? .green : share <= 0.9 ? .yellow : .red,
            "of the pairs that are right \(DatasetFinding.percent(share)) stay so after the corrupted "
                + "prompt",
            value: share,
            advice: "the corrupted prompt should have another answer, or none: otherwise a circuit "
                + "isn't needed to be right")
    }

    private static func share(
        _ outcomes: [TaskReport.Outcome], _ isTrue: (TaskReport.Outcome) -> Bool?
    ) -> Double? {
        let known = outcomes.compactMap(isTrue)
        guard known.count == outcomes.count, !known.isEmpty else { return nil }
        return Double(known.count { $0 }) / Double(known.count)
    }
}

extension TaskReport {
    /// How much better the metric is after each pair's clean prompt than after its corrupted one.
    var changes: [Double] {
        zip(cleanOutcomes, corruptedOutcomes).map { metric.lossSign * ($1.metric - $0.metric) }
    }

    /// Whether on average the metric is as good as the same after both prompts, or better after the
    /// corrupted one: the difference is below 5% of the metric's own size or, of a distance, which is 0
    /// after the clean prompts, below 0.01.
    package var isWithoutSignal: Bool {
        let count = Double(max(1, pairCount))
        let change = changes.reduce(0, +) / count
        guard !metric.isDistance else { return !(change >= 0.01) }
        let size = zip(cleanOutcomes, corruptedOutcomes).reduce(0) {
            $0 + max(abs($1.0.metric), abs($1.1.metric)) / count
        }
        return !(change >= 0.05 * size && change > 0)
    }

    /// Whether the metric is better after the corrupted prompts than after the clean ones.
    package var isReversed: Bool {
        metric.lossSign * (corrupted.metric - clean.metric) < 0 && !metric.isDistance
    }

    /// What a person should be told who makes a circuit of these pairs, a line each.
    package var warnings: [String] {
        var warnings: [String] = []
        let judged = cleanOutcomes.compactMap(\.isCorrect)
        let wrong = judged.count { !$0 }
        if !judged.isEmpty, Double(wrong) > 0.4 * Double(judged.count) {
            warnings.append(
                "the model gets \(wrong) of \(judged.count) pairs wrong: a circuit of what it can't do "
                    + "means little; --only-right keeps the others")
        }
        if isReversed {
            warnings.append(
                "\(metric.label) is better after the corrupted prompts than after the clean ones: are "
                    + "they exchanged, or the answers?")
        }
        return warnings
    }
}
