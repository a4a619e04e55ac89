package import Artifacts
package import Engine
import Models
package import Tasks

/// How well a model does the task of a dataset: a circuit of something that it can't do is
/// worthless.
package struct TaskReport: Hashable, Sendable {
    /// What was measured after one prompt of a pair, judged by the clean prompt's answers. Answers of
    /// several tokens are judged by their first, but by a metric that reads them all.
    package struct Outcome: Hashable, Sendable {
        /// Whether the likeliest right answer is likelier than every wrong one; nil where the pair
        /// lacks either.
        package var isRight: Bool?
        /// How many tokens are likelier than the likeliest right answer, and 1; nil without answers.
        package var rank: Int?
        /// The likeliest token.
        package var likeliest: Int32
        /// The metric.
        package var metric: Double

        /// An outcome of these figures.
        package init(isRight: Bool?, rank: Int?, likeliest: Int32, metric: Double) {
            self.isRight = isRight
            self.rank = rank
            self.likeliest = likeliest
            self.metric = metric
        }

        /// Whether no token at all is likelier than a right answer; nil without answers.
        package var isTop: Bool? { rank.map { $0 == 1 } }
        /// Whether the model gets it right: by the wrong answers or, without any, by all tokens.
        package var isCorrect: Bool? { isRight ?? isTop }
    }

    /// A side of the pairs.
    package struct Side: Hashable, Sendable {
        /// The share of pairs whose likeliest right answer is likelier than every wrong one; nil
        /// where some pair lacks either.
        package let accuracy: Double?
        /// The share of pairs in which no token at all is likelier than a right answer; nil where
        /// some pair has none.
        package let topAccuracy: Double?
        /// The mean of the metric over pairs.
        package let metric: Double

        init(_ outcomes: [Outcome]) {
            func share(_ isTrue: (Outcome) -> Bool?) -> Double? {
                let known = outcomes.compactMap(isTrue)
                guard known.count == outcomes.count, !known.isEmpty else { return nil }
                return Double(known.count { $0 }) / Double(known.count)
            }
            accuracy = share(\.isRight)
            topAccuracy = share(\.isTop)
            metric = outcomes.reduce(0) { $0 + $1.metric } / Double(max(1, outcomes.count))
        }
    }

    /// The metric.
    package let metric: Metric
    /// Of each pair, what was measured after the clean prompt.
    package let cleanOutcomes: [Outcome]
    /// Of each pair, what was measured after the corrupted prompt.
    package let corruptedOutcomes: [Outcome]
    /// After the clean prompts.
    package let clean: Side
    /// After the corrupted prompts.
    package let corrupted: Side

    /// The number of pairs.
    package var pairCount: Int { cleanOutcomes.count }

    /// Runs the model on both prompts of every pair.
    ///
    /// - Throws: `Failure` where the metric needs answers that pairs don't have, or reads
    ///   one token and an answer has several, and where the model can't read a prompt.
    package init(
        of dataset: DatasetArtifact, metric: Metric, transformer: Transformer
    ) throws {
        // All answers are judged before anything is run.
        _ = try BoundAnswers(
            metric.pairs(of: dataset), metric, dVocab: transformer.configuration.dVocabOut
        ).check()
        var (clean, corrupted): ([Outcome], [Outcome]) = ([], [])
        // In batches: the logits of 64 pairs take 13 MB with SmolLM2.
        for first in stride(from: 0, to: dataset.pairCount, by: 64) {
            let batch = dataset.selecting(Array(first..<min(first + 64, dataset.pairCount)))
            let logits = try transformer.logits(of: batch.clean.ids)
            let otherLogits = try transformer.logits(of: batch.corrupted.ids)
            // Answers of several tokens are read on more prompts.
            let read = try metric.pairs(of: batch)
            let isSame = read.pairCount == batch.pairCount
            let readLogits = isSame ? logits : try transformer.logits(of: read.clean.ids)
            let bound = try BoundMetric(
                metric, dataset: read, transformer: transformer, cleanLogits: readLogits)
            func outcomes(_ logits: FloatBuffer, _ readLogits: FloatBuffer) -> [Outcome] {
                let values = bound.valuesOfAnswers(bound.values(logits: readLogits))
                let dVocab = transformer.configuration.dVocabOut
                return values.enumerated().map { pair, value in
                    let row = UnsafeBufferPointer(
                        start: logits.values + pair * dVocab, count: dVocab)
                    return Outcome(row, batch.answers[pair], batch.wrongAnswers[pair], value)
                }
            }
            clean += outcomes(logits, readLogits)
            corrupted += outcomes(
                otherLogits, isSame ? otherLogits : try transformer.logits(of: read.corrupted.ids))
        }
        self.init(metric: metric, clean: clean, corrupted: corrupted)
    }

    /// A report of what was measured after the prompts of each pair.
    package init(metric: Metric, clean: [Outcome], corrupted: [Outcome]) {
        self.metric = metric
        (cleanOutcomes, corruptedOutcomes) = (clean, corrupted)
        self.clean = Side(clean)
        self.corrupted = Side(corrupted)
    }
}

extension TaskReport.Outcome {
    /// What a row of logits says of a pair.
    fileprivate init(
        _ logits: UnsafeBufferPointer<Float>, _ answers: [[Int32]], _ wrongAnswers: [[Int32]],
        _ metric: Double
    ) {
        func largest(_ set: [[Int32]]) -> Float? {
            set.compactMap(\.first).map { logits[Int($0)] }.max()
        }
        let (right, wrong) = (largest(answers), largest(wrongAnswers))
        isRight = right.flatMap { right in wrong.map { right > $0 } }
        rank = right.map { right in 1 + logits.count { $0 > right } }
        likeliest = Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
        self.metric = metric
    }
}

extension Metric {
    /// The metric of a report on pairs for which none was named: the logit difference where all
    /// answers are one token, otherwise the first that the pairs have the answers for.
    package static func fitting(_ dataset: DatasetArtifact) -> Metric {
        let (right, wrong) = (dataset.answers, dataset.wrongAnswers)
        if right.contains(where: \.isEmpty) { return .kl }
        if right.joined().allSatisfy({ $0.count == 1 }) {
            return !wrong.contains(where: \.isEmpty) && wrong.joined().allSatisfy { $0.count == 1 }
                ? .logitDifference : .negativeLogLikelihood
        }
        return right.allSatisfy { $0.count == 1 } ? .answerLogProbability : .kl
    }
}
