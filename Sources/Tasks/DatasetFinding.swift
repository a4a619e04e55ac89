package import Artifacts

/// What one check of a dataset found: a figure, whether it is good enough, and what to do.
package struct DatasetFinding: Hashable, Sendable {
    /// Whether pairs can be used, from best to worst.
    package enum Verdict: String, Hashable, Sendable, Comparable, CaseIterable {
        /// Nothing to do.
        case green
        /// Usable, with something to know or to better.
        case yellow
        /// A circuit found on these pairs would mean little.
        case red

        package static func < (one: Verdict, other: Verdict) -> Bool {
            one.rank < other.rank
        }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What is checked: `accuracy`.
    package var check: String
    /// Whether it is good enough.
    package var verdict: Verdict
    /// The figure in words: `97% of pairs`.
    package var figure: String
    /// The figure as a number; nil where there is none.
    package var value: Double?
    /// What to do, or to know; empty for green.
    package var advice: String

    /// A finding; advice is kept where the verdict isn't green.
    package init(
        _ check: String, _ verdict: Verdict, _ figure: String, value: Double? = nil,
        advice: String
    ) {
        self.check = check
        self.verdict = verdict
        self.figure = figure
        self.value = value
        self.advice = verdict == .green ? "" : advice
    }

    /// `96% of pairs`, one decimal where it matters.
    package static func percent(_ share: Double) -> String {
        let rounded = (share * 1000).rounded() / 10
        let isWhole = rounded == rounded.rounded()
        return (isWhole ? String(Int(rounded)) : String(rounded)) + "%"
    }
}

/// What can be said of pairs without running the model.
extension DatasetArtifact {
    /// The checks, in the order in which they are shown.
    package var findings: [DatasetFinding] {
        [countFinding, duplicateFinding, answerFinding, balanceFinding, copyFinding, lengthFinding]
    }

    private var countFinding: DatasetFinding {
        DatasetFinding(
            "pairs", pairCount >= 16 ? .green : .yellow, "\(pairCount)", value: Double(pairCount),
            advice: "intervals over fewer than 16 pairs are wide: make more")
    }

    private var duplicateFinding: DatasetFinding {
        let distinct = Set(zip(clean.ids, corrupted.ids).map { [$0, $1] }).count
        let share = Double(pairCount - distinct) / Double(max(1, pairCount))
        return DatasetFinding(
            "duplicates", share == 0 ? .green : share <= 0.2 ? .yellow : .red,
            "\(pairCount - distinct) of \(pairCount) pairs repeat an earlier one", value: share,
            advice: "they count double, and intervals are too narrow: leave them out")
    }

    private var answerFinding: DatasetFinding {
        let bare = answers.count(where: \.isEmpty)
        let noWrong = wrongAnswers.count(where: \.isEmpty)
        let long = zip(answers, wrongAnswers).count { ($0 + $1).contains { $0.count > 1 } }
        if bare > 0 {
            return DatasetFinding(
                "answers", .yellow, "\(bare) pairs have none", value: Double(bare),
                advice:
                    "only metrics that compare with the full model (kl, js, l2, match-nll) can be "
                    + "used, and accuracy isn't known")
        }
        if long > 0 {
            return DatasetFinding(
                "answers", .yellow, "\(long) pairs have some of several tokens",
                value: Double(long),
                advice:
                    "of the metrics of answers only answer-log-prob reads them; shorter answers "
                    + "can be used with all")
        }
        return DatasetFinding(
            "answers", noWrong == 0 ? .green : .yellow,
            noWrong == 0 ? "one token each" : "\(noWrong) pairs have no wrong ones",
            value: Double(noWrong),
            advice: "logit-diff and prob-diff need wrong answers; nll and accuracy don't")
    }

    private var balanceFinding: DatasetFinding {
        var counts: [[[Int32]]: Int] = [:]
        for set in answers where !set.isEmpty { counts[set, default: 0] += 1 }
        let share = Double(counts.values.max() ?? 0) / Double(max(1, pairCount))
        return DatasetFinding(
            "balance",
            pairCount < 2 || share <= 0.6 ? .green : share < 1 ? .yellow : .red,
            "\(DatasetFinding.percent(share)) of pairs have the most frequent answer", value: share,
            advice:
                "a model, or circuit, that always says this one is right as often: vary the answer")
    }

    /// Pairs whose answer stands in the clean prompt, not in the corrupted one, and no wrong answer in
    /// the clean one: saying any word of the prompt is then right more often after the clean one.
    private var copyFinding: DatasetFinding {
        func holds(_ prompt: [Int32], _ set: [[Int32]]) -> Bool {
            set.contains { $0.count == 1 && prompt.contains($0[0]) }
        }
        let count = (0..<pairCount).count {
            holds(clean.ids[$0], answers[$0]) && !holds(corrupted.ids[$0], answers[$0])
                && !holds(clean.ids[$0], wrongAnswers[$0])
        }
        let share = Double(count) / Double(max(1, pairCount))
        return DatasetFinding(
            "copying", share <= 0.1 ? .green : .yellow,
            "in \(DatasetFinding.percent(share)) of pairs the answer stands in the clean prompt alone",
            value: share,
            advice: "copying a word of the prompt is enough to be right; if the task isn't about "
                + "copying, put the answer into both prompts, or a wrong answer into the clean one")
    }

    private var lengthFinding: DatasetFinding {
        let (shortest, longest) = (lengths.min() ?? 0, lengths.max() ?? 0)
        return DatasetFinding(
            "lengths", shortest == longest ? .green : .yellow,
            shortest == longest ? "\(longest) tokens" : "\(shortest) to \(longest) tokens",
            value: Double(longest - shortest),
            advice:
                "positions aren't the same word in all pairs: patch and score by named positions, "
                + "not by number, and don't use the ablation mean-positional")
    }
}
