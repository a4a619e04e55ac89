public import Artifacts
internal import CKernels
public import Engine
import Foundation
internal import Models

/// A metric bound to a model and its pairs: turns rows of the normalised final stream, or logits,
/// into the metric's value for a pair.
public struct MetricEvaluator: Sendable {
    /// The metric.
    public let metric: Metric
    /// Number of pairs.
    public let pairCount: Int

    let transformer: Transformer
    /// First token of each answer, `[pair][answer]`.
    let answers: [[Int]]
    let wrongAnswers: [[Int]]
    /// The full model's logits on the clean prompts, `[pair, d_vocab]`, and their log-sum-exps.
    let reference: FloatBuffer
    let referenceNormalizers: [Double]
    /// The full model's probabilities, `[pair, d_vocab]`, where the metric reads them.
    let referenceProbabilities: FloatBuffer?
    /// For the logit difference: the direction in the final stream that it reads, `[pair, d_model]`,
    /// and its constant.
    let directions: FloatBuffer?
    let offsets: [Float]

    /// Binds a metric to a dataset.
    /// - Parameter cleanLogits: the full model's logits at the last position of each clean prompt,
    ///   `[pair, d_vocab]`.
    /// - Throws: `CircuitError` when the pairs lack the answers that the metric reads.
    public init(
        _ metric: Metric, dataset: DatasetArtifact, transformer: Transformer,
        cleanLogits: FloatBuffer
    ) throws(CircuitError) {
        self.metric = metric
        self.transformer = transformer
        pairCount = dataset.pairCount
        let dVocab = transformer.configuration.dVocabOut
        answers = try Self.firstTokens(
            of: dataset.answers, required: metric.needsAnswers, metric, "answers", dVocab,
            pairs: pairCount)
        wrongAnswers = try Self.firstTokens(
            of: dataset.wrongAnswers, required: metric.needsWrongAnswers, metric,
            "wrong answers", dVocab, pairs: pairCount)
        reference = cleanLogits
        referenceNormalizers = (0..<pairCount).map {
            ckernels_log_sum_exp(cleanLogits.values + $0 * dVocab, dVocab)
        }
        if metric == .kl {
            let probabilities = FloatBuffer(count: pairCount * dVocab)
            for pair in 0..<pairCount {
                let row = probabilities.values + pair * dVocab
                ckernels_log_probabilities(
                    row, cleanLogits.values + pair * dVocab, referenceNormalizers[pair], dVocab)
                ckernels_exp(row, row, dVocab)
            }
            referenceProbabilities = probabilities
        } else {
            referenceProbabilities = nil
        }
        if metric == .logitDifference, transformer.configuration.logitSoftcap == nil {
            (directions, offsets) = Self.directions(
                answers: answers, wrongAnswers: wrongAnswers, transformer)
        } else {
            (directions, offsets) = (nil, [])
        }
    }

    private static func firstTokens(
        of sets: [[[Int32]]], required: Bool, _ metric: Metric, _ what: String, _ dVocab: Int,
        pairs: Int
    ) throws(CircuitError) -> [[Int]] {
        if !required { return [] }
        var tokens: [[Int]] = []
        for pair in 0..<pairs {
            let set = pair < sets.count ? sets[pair] : []
            if set.isEmpty {
                throw CircuitError(
                    .badData,
                    "pair \(pair) has no \(what), which the metric \(metric.rawValue) needs; "
                        + "use --metric kl or add them to the dataset")
            }
            var row: [Int] = []
            for answer in set {
                guard answer.count == 1 else {
                    throw CircuitError(
                        .badData,
                        "pair \(pair) has one of its \(what) in \(answer.count) tokens, and the "
                            + "metric \(metric.rawValue) reads a single token")
                }
                guard answer[0] >= 0, answer[0] < dVocab else {
                    throw CircuitError(
                        .badData,
                        "pair \(pair) has the token \(answer[0]) among its \(what), "
                            + "which isn't in the model's vocabulary of \(dVocab)")
                }
                row.append(Int(answer[0]))
            }
            tokens.append(row)
        }
        return tokens
    }

    private static func directions(
        answers: [[Int]], wrongAnswers: [[Int]], _ transformer: Transformer
    ) -> (FloatBuffer, [Float]) {
        let dModel = transformer.configuration.dModel
        let unembedding = transformer.model.unembedding
        let directions = FloatBuffer(zeros: answers.count * dModel)
        var offsets = [Float](repeating: 0, count: answers.count)
        for pair in answers.indices {
            let direction = directions.values + pair * dModel
            for (set, sign) in [(answers[pair], Float(1)), (wrongAnswers[pair], -1)] {
                let share = sign / Float(set.count)
                for token in set {
                    unembedding.weight.addColumn(token, scaledBy: share, to: direction)
                    offsets[pair] += share * (unembedding.bias?.values[token] ?? 0)
                }
            }
        }
        return (directions, offsets)
    }

    /// Whether it reads a direction in the final stream instead of all logits.
    var readsFewLogits: Bool { directions != nil }

    /// The metric of one pair from its logits `[d_vocab]`.
    public func value(logits: UnsafePointer<Float>, pair: Int) -> Double {
        let dVocab = transformer.configuration.dVocabOut
        switch metric {
        case .kl:
            guard let referenceProbabilities else { return .nan }
            // sum p (ref - logit) + lse - lse_ref: the terms are small where the models agree.
            let cross = ckernels_weighted_difference(
                referenceProbabilities.values + pair * dVocab, reference.values + pair * dVocab,
                logits, dVocab)
            return cross + ckernels_log_sum_exp(logits, dVocab) - referenceNormalizers[pair]
        case .logitDifference:
            return mean(answers[pair], of: logits) - mean(wrongAnswers[pair], of: logits)
        case .probabilityDifference:
            let normalizer = ckernels_log_sum_exp(logits, dVocab)
            return probability(answers[pair], logits, normalizer)
                - probability(wrongAnswers[pair], logits, normalizer)
        case .negativeLogLikelihood:
            let normalizer = ckernels_log_sum_exp(logits, dVocab)
            return -log(probability(answers[pair], logits, normalizer))
        }
    }

    private func mean(_ tokens: [Int], of logits: UnsafePointer<Float>) -> Double {
        tokens.reduce(0) { $0 + Double(logits[$1]) } / Double(tokens.count)
    }

    private func probability(
        _ tokens: [Int], _ logits: UnsafePointer<Float>, _ normalizer: Double
    ) -> Double {
        tokens.reduce(0) { $0 + exp(Double(logits[$1]) - normalizer) }
    }

    /// The metric of logits `[pair, d_vocab]` of all pairs, one value a pair.
    public func values(logits: FloatBuffer) -> [Double] {
        let dVocab = transformer.configuration.dVocabOut
        return (0..<pairCount).map { value(logits: logits.values + $0 * dVocab, pair: $0) }
    }
}
