package import Engine
import Foundation
import Models
import Tasks

extension BoundMetric {
    /// 1 if the metric is itself a loss, -1 if a good circuit has a high value.
    package var lossSign: Double { metric.lossSign }

    /// The gradient of each pair's own loss, the metric as minimised, at the normalised final stream
    /// at the end of its prompt.
    /// - Parameters:
    ///   - normalized: `[pair of pairs, copy, d_model]`.
    ///   - copies: how many runs of each pair there are.
    ///   - gradient: receives `[pair of pairs, copy, d_model]`.
    package func lossGradient(
        normalized: UnsafePointer<Float>, pairs: Range<Int>, copies: Int = 1,
        into gradient: UnsafeMutablePointer<Float>, workspace: Workspace
    ) {
        let dModel = transformer.configuration.dModel
        let rows = pairs.count * copies
        if let directions {
            for row in 0..<rows {
                let pair = pairs.lowerBound + row / copies
                (gradient + row * dModel).update(
                    from: directions.values + pair * dModel, count: dModel)
            }
            gradient.scale(by: Float(lossSign), count: rows * dModel)
            return
        }
        let mark = workspace.mark
        let logits = workspace.take(rows * dVocab)
        let unembedding = transformer.model.unembedding
        unembedding.apply(
            normalized, stride: dModel, to: logits, stride: dVocab, rows: rows)
        let isCapped = transformer.configuration.logitSoftcap != nil
        let uncapped = workspace.take(isCapped ? rows * dVocab : 0)
        if isCapped {
            uncapped.update(from: logits, count: rows * dVocab)
            transformer.softCap(logits, count: rows * dVocab)
        }
        for row in 0..<rows {
            replaceByLossGradient(
                logits + row * dVocab, pair: pairs.lowerBound + row / copies)
        }
        if isCapped { transformer.softCapBackward(logits, at: uncapped, count: rows * dVocab) }
        unembedding.weight.applyTransposed(
            logits, stride: dVocab, to: gradient, stride: dModel, rows: rows)
        workspace.reset(to: mark)
    }

    /// Turns the logits of a pair, `[d_vocab]`, into the gradient of its loss with respect to them.
    private func replaceByLossGradient(_ x: UnsafeMutablePointer<Float>, pair: Int) {
        switch metric {
        case .logitDifference:
            x.update(repeating: 0, count: dVocab)
            let (right, wrong) = (answers[pair], wrongAnswers[pair])
            for token in right { x[token] -= 1 / Float(right.count) }
            for token in wrong { x[token] += 1 / Float(wrong.count) }
        case .l2:
            x.subtract(reference.values + pair * dVocab, count: dVocab)
            x.scale(by: 2, count: dVocab)
        case .kl, .jensenShannon, .probabilityDifference, .negativeLogLikelihood,
            .matchNegativeLogLikelihood, .answerLogProbability:
            // Their shares of one another, where their probabilities may be too small for a float.
            let shares = metric.readsAnswerSet ? shares(answers[pair], of: x) : []
            x.updateWithProbabilities(
                ofLogits: x, normalizer: logSumExp(x, count: dVocab), count: dVocab)
            replaceProbabilities(x, pair: pair, shares: shares)
        case .accuracy, .rank: x.update(repeating: 0, count: dVocab)
        case .custom: replaceByTerms(x, pair: pair)
        }
    }

    /// The same of a user's own metric.
    private func replaceByTerms(_ x: UnsafeMutablePointer<Float>, pair: Int) {
        let slopes = terms[pair].flatMap { $0.slopes(at: x) }
        let whole = terms[pair].reduce(0) { $0 + ($1.tokens == nil ? $1.weight : 0) }
        if whole == 0 {
            x.update(repeating: 0, count: dVocab)
        } else {
            x.updateWithProbabilities(
                ofLogits: x, normalizer: logSumExp(x, count: dVocab), count: dVocab)
            x.scale(by: Float(whole * lossSign), count: dVocab)
        }
        for (token, slope) in slopes { x[token] += Float(lossSign) * slope }
    }

    /// Turns the probabilities q of a pair, `[d_vocab]`, into the gradient of its loss with respect
    /// to the logits.
    /// - Parameter shares: of each answer, where the metric reads a set of them, the probability
    ///   given that it is one of them.
    private func replaceProbabilities(
        _ x: UnsafeMutablePointer<Float>, pair: Int, shares: [Float]
    ) {
        let expected = referenceProbabilities.map { $0.values + pair * dVocab }
        switch metric {
        case .kl:
            if let expected { x.subtract(expected, count: dVocab) }
        case .jensenShannon:
            if let expected { x.updateWithJensenShannonGradient(from: expected, count: dVocab) }
        case .negativeLogLikelihood, .matchNegativeLogLikelihood:
            // q - q(answer) / Q inside the set of answers.
            for (token, share) in zip(answers[pair], shares) { x[token] -= share }
        case .answerLogProbability:
            x[answers[pair][0]] -= 1
            x.scale(by: Float(tokensPerAnswer), count: dVocab)
        case .probabilityDifference:
            // -(q(answer) - q Q), for wrong answers with the other sign.
            let terms =
                answers[pair].map { (token: $0, probability: x[$0], sign: Float(1)) }
                + wrongAnswers[pair].map { (token: $0, probability: x[$0], sign: Float(-1)) }
            x.scale(by: terms.reduce(0) { $0 + $1.sign * $1.probability }, count: dVocab)
            for term in terms { x[term.token] -= term.sign * term.probability }
        case .logitDifference, .l2, .accuracy, .rank, .custom: break
        }
    }

    /// The softmax of a few logits.
    private func shares(_ tokens: [Int], of logits: UnsafePointer<Float>) -> [Float] {
        let largest = tokens.map { logits[$0] }.max() ?? 0
        let weights = tokens.map { exp(logits[$0] - largest) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }
}
