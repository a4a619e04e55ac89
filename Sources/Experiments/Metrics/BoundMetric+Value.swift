import Engine
import Foundation
import Models
import Tasks

/// The definition of every metric, from what it reads of a row of logits.
extension BoundMetric {
    /// What a metric reads of all logits of a slice of the vocabulary; slices add up.
    struct LogitSums: BitwiseCopyable {
        /// The log-sum-exp of the logits.
        var normalizer = -Double.infinity
        /// The metric's own sum: for the KL divergence of p (reference logit - logit), for L2 of
        /// squared differences, for accuracy and rank of tokens that beat the likeliest answer.
        var sum = 0.0

        /// The sums of the slices together.
        init(joining parts: [LogitSums]) {
            let largest = parts.map(\.normalizer).max() ?? 0
            normalizer = largest + log(parts.reduce(0) { $0 + exp($1.normalizer - largest) })
            sum = parts.reduce(0) { $0 + $1.sum }
        }

        init() {}

        /// Adds the sums of another slice.
        mutating func add(_ other: LogitSums) {
            let larger = max(normalizer, other.normalizer)
            if larger > -.infinity {
                let smaller = min(normalizer, other.normalizer)
                normalizer = larger + log1p(exp(smaller - larger))
            }
            sum += other.sum
        }
    }

    /// The metric of one pair from its logits `[d_vocab]`.
    package func value(logits: UnsafePointer<Float>, pair: Int) -> Double {
        if metric == .jensenShannon { return jensenShannon(logits, pair: pair) }
        let logit = { Double(logits[$0]) }
        let sums = sums(logits, of: 0..<dVocab, pair: pair, beating: bestAnswer(pair, logit))
        return value(sums, pair: pair, logit: logit)
    }

    /// What the metric reads of a slice of a pair's logits.
    /// - Parameters:
    ///   - logits: of the tokens `tokens`.
    ///   - best: the likeliest answer's logit.
    func sums(
        _ logits: UnsafePointer<Float>, of tokens: Range<Int>, pair: Int, beating best: Double
    ) -> LogitSums {
        var result = LogitSums()
        let offset = pair * dVocab + tokens.lowerBound
        if metric.readsProbabilities {
            result.normalizer = logSumExp(logits, count: tokens.count)
        }
        switch metric {
        case .kl:
            // The terms are small where the models agree.
            result.sum =
                referenceProbabilities.map {
                    weightedDifference(
                        $0.values + offset, reference.values + offset, logits, count: tokens.count)
                } ?? 0
        case .l2:
            result.sum = squaredDistance(reference.values + offset, logits, count: tokens.count)
        case .accuracy, .rank:
            let bound = Float(best)
            var count = countGreater(logits, than: bound, count: tokens.count)
            // An answer's logit may be rounded otherwise here, and none beats itself.
            for token in answers[pair]
            where tokens.contains(token) && logits[token - tokens.lowerBound] > bound {
                count -= 1
            }
            result.sum = Double(count)
        case .jensenShannon, .logitDifference, .probabilityDifference, .negativeLogLikelihood,
            .matchNegativeLogLikelihood, .answerLogProbability, .custom:
            break
        }
        return result
    }

    /// The metric of a pair.
    /// - Parameter logit: the logit of a token.
    func value(_ sums: LogitSums, pair: Int, logit: (Int) -> Double) -> Double {
        func mean(_ tokens: [Int]) -> Double {
            tokens.reduce(0) { $0 + logit($1) } / Double(tokens.count)
        }
        func probability(_ tokens: [Int]) -> Double {
            tokens.reduce(0) { $0 + exp(logit($1) - sums.normalizer) }
        }
        switch metric {
        case .kl: return atLeastZero(sums.sum + sums.normalizer - referenceNormalizers[pair])
        case .logitDifference: return mean(answers[pair]) - mean(wrongAnswers[pair])
        case .probabilityDifference:
            return probability(answers[pair]) - probability(wrongAnswers[pair])
        case .negativeLogLikelihood, .matchNegativeLogLikelihood:
            return atLeastZero(sums.normalizer - logOfSum(answers[pair].map(logit)))
        case .answerLogProbability:
            return 0 - tokensPerAnswer * atLeastZero(sums.normalizer - logit(answers[pair][0]))
        case .accuracy:
            if wrongAnswers[pair].isEmpty { return sums.sum == 0 ? 1 : 0 }
            let wrong = wrongAnswers[pair].map(logit).max() ?? -.infinity
            return bestAnswer(pair, logit) > wrong ? 1 : 0
        case .rank: return sums.sum + 1
        case .l2: return sums.sum
        case .jensenShannon: return .nan
        case .custom:
            return terms[pair].reduce(0) {
                $0 + $1.value(normalizer: sums.normalizer, logit: logit)
            }
        }
    }

    /// The largest logit of a pair's answers.
    func bestAnswer(_ pair: Int, _ logit: (Int) -> Double) -> Double {
        answers.isEmpty ? 0 : answers[pair].map(logit).max() ?? -.infinity
    }

    /// The Jensen-Shannon divergence needs both distributions side by side.
    private func jensenShannon(_ logits: UnsafePointer<Float>, pair: Int) -> Double {
        guard let referenceProbabilities else { return .nan }
        let probabilities = FloatBuffer(count: dVocab)
        probabilities.values.updateWithProbabilities(
            ofLogits: logits, normalizer: logSumExp(logits, count: dVocab), count: dVocab)
        return atLeastZero(
            jensenShannonDivergence(
                referenceProbabilities.values + pair * dVocab, probabilities.values, count: dVocab))
    }

    /// The log-sum-exp of a few logits, with which no probability underflows.
    private func logOfSum(_ logits: [Double]) -> Double {
        guard let largest = logits.max(), logits.count > 1 else {
            return logits.first ?? -.infinity
        }
        return largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
    }
}

/// A value that is 0 or more, and below 0 by rounding alone: NaN stays NaN.
private func atLeastZero(_ value: Double) -> Double { value < 0 ? 0 : value }
