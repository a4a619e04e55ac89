package import Artifacts
package import Basics
package import Engine
import Foundation
import Models
package import Tasks

/// A metric bound to a model and its pairs: turns rows of the normalised final stream, or logits,
/// into the metric's value for a pair.
package struct BoundMetric: Sendable {
    /// The metric.
    package let metric: Metric
    /// Number of pairs.
    package let pairCount: Int

    let transformer: Transformer
    /// The size of the output vocabulary: read for every row, where the configuration isn't at hand
    /// without a copy.
    let dVocab: Int
    /// The token of each answer, `[pair][answer]`; of the metric of the full model's own answer, that.
    let answers: [[Int]]
    /// The token of each wrong answer, `[pair][answer]`, as far as the metric reads them.
    let wrongAnswers: [[Int]]
    /// The pairs of each pair of the dataset that the metric makes several of: of an answer in several
    /// tokens, or of several positions that it reads.
    let spelledAnswers: [Range<Int>]
    /// The full model's logits on the clean prompts, `[pair, d_vocab]`, and their log-sum-exps,
    /// where the metric reads them.
    let reference: FloatBuffer
    let referenceNormalizers: [Double]
    /// The full model's probabilities, `[pair, d_vocab]`, where the metric reads them.
    let referenceProbabilities: FloatBuffer?
    /// For each pair the terms of a user's own metric.
    let terms: [[BoundTerm]]
    /// For metrics that are linear in the logits: the direction in the final stream that they read,
    /// `[pair, d_model]`, and its constant.
    let directions: FloatBuffer?
    let offsets: [Float]

    /// Binds a metric to a dataset.
    /// - Parameter cleanLogits: the full model's logits at the last position of each clean prompt,
    ///   `[pair, d_vocab]`; metrics that don't read the full model leave them alone.
    /// - Throws: `Failure` when the pairs lack the answers that the metric reads.
    package init(
        _ metric: Metric, dataset: DatasetArtifact, transformer: Transformer,
        cleanLogits: FloatBuffer
    ) throws(Failure) {
        let metric = try metric.resolved(for: transformer.model)
        self.metric = metric
        self.transformer = transformer
        pairCount = dataset.pairCount
        let dVocab = transformer.configuration.dVocabOut
        self.dVocab = dVocab
        let bound = BoundAnswers(dataset, metric, dVocab: dVocab)
        answers =
            metric == .matchNegativeLogLikelihood
            ? Self.likeliest(cleanLogits, pairs: pairCount, dVocab).map { [$0] }
            : try bound.answers()
        wrongAnswers = try bound.wrongAnswers()
        spelledAnswers = dataset.spelledFrom == nil ? [] : dataset.spelledAnswers
        reference = cleanLogits
        let normalizers =
            metric.readsReferenceProbabilities
            ? (0..<pairCount).map {
                logSumExp(cleanLogits.values + $0 * dVocab, count: dVocab)
            } : []
        referenceNormalizers = normalizers
        referenceProbabilities =
            metric.readsReferenceProbabilities
            ? Self.probabilities(cleanLogits, normalizers, dVocab) : nil
        terms = try BoundTerm.terms(
            of: metric, on: dataset, answers, wrongAnswers,
            scale: Self.share(of: spelledAnswers, pairs: pairCount))
        let weights =
            metric == .logitDifference
            ? zip(answers, wrongAnswers).map { Self.logitDifference($0, $1) }
            : BoundTerm.linearWeights(terms)
        if let weights, transformer.configuration.logitSoftcap == nil {
            (directions, offsets) = Self.directions(weights, transformer)
        } else {
            (directions, offsets) = (nil, [])
        }
    }

    /// The likeliest token of each row of logits, the first of several.
    private static func likeliest(_ logits: FloatBuffer, pairs: Int, _ dVocab: Int) -> [Int] {
        (0..<pairs).map { pair in
            let row = UnsafeBufferPointer(start: logits.values + pair * dVocab, count: dVocab)
            return row.indices.max { row[$0] < row[$1] || (row[$0] == row[$1] && $0 > $1) } ?? 0
        }
    }

    private static func probabilities(
        _ logits: FloatBuffer, _ normalizers: [Double], _ dVocab: Int
    ) -> FloatBuffer {
        let probabilities = FloatBuffer(count: normalizers.count * dVocab)
        for (pair, normalizer) in normalizers.enumerated() {
            let row = probabilities.values + pair * dVocab
            row.updateWithProbabilities(
                ofLogits: logits.values + pair * dVocab, normalizer: normalizer, count: dVocab)
        }
        return probabilities
    }

    /// What the logit difference of a pair multiplies logits by.
    private static func logitDifference(
        _ answers: [Int], _ wrongAnswers: [Int]
    ) -> [(token: Int, weight: Float)] {
        answers.map { ($0, 1 / Float(answers.count)) }
            + wrongAnswers.map { ($0, -1 / Float(wrongAnswers.count)) }
    }

    /// The direction and the constant of a weighted sum of logits, for each pair.
    private static func directions(
        _ weights: [[(token: Int, weight: Float)]], _ transformer: Transformer
    ) -> (FloatBuffer, [Float]) {
        let dModel = transformer.configuration.dModel
        let unembedding = transformer.model.unembedding
        let directions = FloatBuffer(zeros: weights.count * dModel)
        var offsets = [Float](repeating: 0, count: weights.count)
        for pair in weights.indices {
            let direction = directions.values + pair * dModel
            for (token, weight) in weights[pair] {
                unembedding.weight.addColumn(token, scaledBy: weight, to: direction)
                offsets[pair] += weight * (unembedding.bias?.values[token] ?? 0)
            }
        }
        return (directions, offsets)
    }

    /// Whether it reads a direction in the final stream instead of all logits.
    package var readsFewLogits: Bool { directions != nil }

    /// The metric of logits `[pair, d_vocab]` of all pairs, one value a pair.
    package func values(logits: FloatBuffer) -> [Double] {
        return (0..<pairCount).map { value(logits: logits.values + $0 * dVocab, pair: $0) }
    }

    /// The metric of the full model, one value an answer.
    package var valuesOfFullModel: [Double] { valuesOfAnswers(values(logits: reference)) }

    /// The mean metric of logits `[pair, d_vocab]` of all pairs.
    package func mean(logits: FloatBuffer) -> Double {
        values(logits: logits).reduce(0, +) / Double(max(1, pairCount))
    }
}
