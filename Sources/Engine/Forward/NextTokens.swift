package import Basics
import CKernels
import Glibc
import Models

/// What a model expects after a prompt.
package struct NextTokens: Hashable, Sendable {
    /// A token and how likely it is.
    package struct Candidate: Hashable, Sendable {
        /// The token.
        package var id: Int32
        /// Its logit.
        package var logit: Float
    }

    /// The likeliest tokens, best first; of equal ones the lower id first.
    package var top: [Candidate]
    /// log(sum(exp(logits))) over the whole vocabulary: a candidate's log-probability is its logit
    /// minus this.
    package var logSumExp: Double

    /// Whether all logits are finite, as far as these figures tell.
    package var isFinite: Bool { logSumExp.isFinite && top.allSatisfy(\.logit.isFinite) }

    /// The probability of a candidate.
    package func probability(of candidate: Candidate) -> Double {
        exp(Double(candidate.logit) - logSumExp)
    }

    /// The best `count` of logits, `[d_vocab]`.
    package init(_ logits: [Float], count: Int) {
        self = logits.withUnsafeBufferPointer { NextTokens($0, count: count) }
    }

    /// The best `count` of a row of logits.
    init(_ logits: UnsafeBufferPointer<Float>, count: Int) {
        logSumExp =
            logits.baseAddress.map { Engine.logSumExp($0, count: logits.count) } ?? -.infinity
        top = []
        guard count > 0 else { return }
        // Few of many: a sorted list of the best so far beats sorting them all.
        let isFew = count <= 256
        for (id, logit) in logits.enumerated() {
            if isFew, top.count == count, let worst = top.last, logit <= worst.logit { continue }
            let candidate = Candidate(id: Int32(id), logit: logit)
            guard isFew else {
                top.append(candidate)
                continue
            }
            let rank = top.firstIndex { $0.logit < logit } ?? top.count
            top.insert(candidate, at: rank)
            if top.count > count { top.removeLast() }
        }
        if !isFew {
            top.sort { ($0.logit, $1.id) > ($1.logit, $0.id) }
            top.removeLast(max(0, top.count - count))
        }
    }
}

extension Transformer {
    /// What the model expects after each prompt: the `count` likeliest tokens.
    /// - Throws: `Failure` when the model can't read the prompts.
    package func nextTokens(
        after prompts: [[Int32]], count: Int
    ) throws(Failure) -> [NextTokens] {
        let logits = try logits(of: prompts)
        let width = configuration.dVocabOut
        return prompts.indices.map { prompt in
            NextTokens(
                UnsafeBufferPointer(start: logits.values + prompt * width, count: width),
                count: count)
        }
    }
}
