package import Artifacts
package import Engine
import Models
package import Tasks

/// How well a model does the task of a dataset: a circuit of something that it can't do is
/// worthless.
package struct TaskReport: Hashable, Sendable {
    /// What was measured on one side of the pairs.
    package struct Side: Hashable, Sendable {
        /// The share of pairs whose likeliest right answer is likelier than every wrong one; nil
        /// where some pair lacks either.
        package var accuracy: Double?
        /// The share of pairs in which no token at all is likelier than a right answer; nil where
        /// some pair has none.
        package var topAccuracy: Double?
        /// The mean of the metric over pairs.
        package var metric: Double
    }

    /// The metric.
    package let metric: Metric
    /// The number of pairs.
    package let pairCount: Int
    /// After the clean prompts.
    package private(set) var clean = Side(accuracy: 0, topAccuracy: 0, metric: 0)
    /// After the corrupted prompts, judged by the clean prompts' answers.
    package private(set) var corrupted = Side(accuracy: 0, topAccuracy: 0, metric: 0)

    /// Runs the model on both prompts of every pair.
    ///
    /// - Throws: `Failure` where the metric needs answers that pairs don't have, or reads
    ///   one token and an answer has several, and where the model can't read a prompt.
    package init(
        of dataset: DatasetArtifact, metric: Metric, transformer: Transformer
    ) throws {
        self.metric = metric
        pairCount = dataset.pairCount
        // In batches: the logits of 64 pairs take 13 MB with SmolLM2.
        for first in stride(from: 0, to: dataset.pairCount, by: 64) {
            let batch = dataset.pairs(first..<min(first + 64, dataset.pairCount))
            let logits = try transformer.logits(of: batch.clean.ids)
            let otherLogits = try transformer.logits(of: batch.corrupted.ids)
            let dVocab = transformer.configuration.dVocabOut
            clean.addAccuracy(logits, of: batch, dVocab)
            corrupted.addAccuracy(otherLogits, of: batch, dVocab)
            // Answers of several tokens are read on more prompts.
            let read = try metric.pairs(of: batch)
            let isSame = read.pairCount == batch.pairCount
            let readLogits = isSame ? logits : try transformer.logits(of: read.clean.ids)
            let bound = try BoundMetric(
                metric, dataset: read, transformer: transformer, cleanLogits: readLogits)
            clean.addMetric(bound.values(logits: readLogits), of: batch)
            corrupted.addMetric(
                bound.values(
                    logits: isSame ? otherLogits : try transformer.logits(of: read.corrupted.ids)),
                of: batch)
        }
        clean.divide(by: pairCount)
        corrupted.divide(by: pairCount)
    }
}

extension TaskReport.Side {
    /// Adds the metric's mean over a batch, once for each of its pairs.
    fileprivate mutating func addMetric(_ values: [Double], of batch: DatasetArtifact) {
        metric += values.reduce(0, +) * Double(batch.pairCount) / Double(max(1, values.count))
    }

    fileprivate mutating func addAccuracy(
        _ logits: FloatBuffer, of batch: DatasetArtifact, _ dVocab: Int
    ) {
        for pair in 0..<batch.pairCount {
            let row = UnsafeBufferPointer(start: logits.values + pair * dVocab, count: dVocab)
            func largest(_ sets: [[[Int32]]]) -> Float? {
                (pair < sets.count ? sets[pair] : []).compactMap(\.first).map { row[Int($0)] }.max()
            }
            let right = largest(batch.answers)
            let wrong = largest(batch.wrongAnswers)
            func adding(_ isRight: Bool?, to count: Double?) -> Double? {
                isRight.flatMap { isRight in count.map { $0 + (isRight ? 1 : 0) } }
            }
            accuracy = adding(right.flatMap { right in wrong.map { right > $0 } }, to: accuracy)
            topAccuracy = adding(right.map { $0 == row.max() }, to: topAccuracy)
        }
    }

    fileprivate mutating func divide(by count: Int) {
        accuracy = accuracy.map { $0 / Double(count) }
        topAccuracy = topAccuracy.map { $0 / Double(count) }
        metric /= Double(count)
    }
}

extension DatasetArtifact {
    /// The dataset of some of the pairs.
    fileprivate func pairs(_ range: Range<Int>) -> DatasetArtifact {
        var part = self
        part.clean = Prompts(ids: Array(clean.ids[range]))
        part.corrupted = Prompts(ids: Array(corrupted.ids[range]))
        part.answers = range.map { $0 < answers.count ? answers[$0] : [] }
        part.wrongAnswers = range.map { $0 < wrongAnswers.count ? wrongAnswers[$0] : [] }
        part.positions = [:]
        return part
    }
}
