import Artifacts
import Basics
import Foundation
import Tasks

/// A term of a user's own metric, with the tokens that it reads in a pair.
struct BoundTerm: Hashable, Sendable {
    /// What the term is multiplied by.
    var weight: Double
    /// The tokens; nil for the whole vocabulary.
    var tokens: [Int]?
    /// What it makes of their logits.
    var reduction: LogitMetric.Reduction

    /// The terms of each pair; none for other metrics.
    /// - Parameters:
    ///   - metric: one whose tokens have ids.
    ///   - scale: what weights are multiplied by.
    /// - Throws: `Failure` where the pairs aren't those that the metric makes of a dataset.
    static func terms(
        of metric: Metric, on dataset: DatasetArtifact, _ answers: [[Int]],
        _ wrongAnswers: [[Int]], scale: Double
    ) throws(Failure) -> [[BoundTerm]] {
        guard case .custom(let metric) = metric else { return [] }
        return try metric.termsAtEnds(of: dataset).enumerated().map { pair, terms in
            terms.map { term in
                let tokens: [Int]? =
                    switch term.tokens {
                    case .listed(let tokens): tokens.compactMap { $0.id.map(Int.init) }
                    case .answers: answers[pair]
                    case .wrongAnswers: wrongAnswers[pair]
                    case .all: nil
                    }
                return BoundTerm(
                    weight: scale * term.weight, tokens: tokens, reduction: term.reduction)
            }
        }
    }

    /// What each pair's terms multiply logits by; nil where one isn't linear in them.
    static func linearWeights(_ terms: [[BoundTerm]]) -> [[(token: Int, weight: Float)]]? {
        guard !terms.isEmpty, terms.joined().allSatisfy(\.isLinear) else { return nil }
        return terms.map { terms in
            terms.flatMap { term -> [(token: Int, weight: Float)] in
                let tokens = term.tokens ?? []
                return tokens.map { ($0, Float(term.weight) * term.linearShare) }
            }
        }
    }

    private var isLinear: Bool {
        reduction != .logSumExp || tokens?.count == 1
    }

    /// What a linear term multiplies each logit by, before its weight.
    private var linearShare: Float {
        reduction == .mean ? 1 / Float(max(1, tokens?.count ?? 1)) : 1
    }

    /// The term's value.
    /// - Parameters:
    ///   - normalizer: the log-sum-exp of all logits.
    ///   - logit: the logit of a token.
    func value(normalizer: Double, logit: (Int) -> Double) -> Double {
        guard let tokens else { return weight * normalizer }
        switch reduction {
        case .sum: return weight * tokens.reduce(0) { $0 + logit($1) }
        case .mean: return weight * tokens.reduce(0) { $0 + logit($1) } / Double(tokens.count)
        case .logSumExp:
            let logits = tokens.map(logit)
            let largest = logits.max() ?? 0
            return weight * (largest + log(logits.reduce(0) { $0 + exp($1 - largest) }))
        }
    }

    /// What the term's gradient is at the logits of its tokens.
    func slopes(at logits: UnsafePointer<Float>) -> [(token: Int, slope: Float)] {
        guard let tokens else { return [] }
        guard reduction == .logSumExp else {
            return tokens.map { ($0, Float(weight) * linearShare) }
        }
        let largest = tokens.map { logits[$0] }.max() ?? 0
        let weights = tokens.map { exp(logits[$0] - largest) }
        let total = weights.reduce(0, +)
        return zip(tokens, weights).map { ($0, Float(weight) * $1 / total) }
    }
}
