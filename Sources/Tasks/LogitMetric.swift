package import Basics
import Tokenization

/// A metric of one's own: a weighted sum of logits at the end of the prompt or at other positions, and
/// of means, sums and log-sum-exps of the logits of sets of tokens.
///
/// People write it as JSON (docs/metrics.md); artifacts keep it whole, as part of the metric's name.
package struct LogitMetric: Hashable, Sendable {
    /// A token, by its text, its id, or both.
    package struct Token: Hashable, Sendable {
        /// The text, one token of the model's tokenizer.
        package var text: String?
        /// The id; nil until a tokenizer gave it.
        package var id: Int32?

        /// A token of a text, an id, or both.
        package init(text: String? = nil, id: Int32? = nil) {
            self.text = text
            self.id = id
        }
    }

    /// Whose logits a term reads.
    package enum Tokens: Hashable, Sendable {
        /// These, the same in every pair.
        case listed([Token])
        /// The answers of the pair.
        case answers
        /// The wrong answers of the pair.
        case wrongAnswers
        /// The whole vocabulary.
        case all
    }

    /// What a term makes of its tokens' logits.
    package enum Reduction: String, Hashable, Sendable, CaseIterable {
        /// Their mean.
        case mean
        /// Their sum.
        case sum
        /// The log of the sum of their exponentials: the log of the tokens' probability, up to the
        /// log-sum-exp of all tokens.
        case logSumExp = "log-sum-exp"
    }

    /// Where in the prompt a term reads logits: those of the token that comes next.
    package enum Position: Hashable, Sendable {
        /// After the whole prompt.
        case end
        /// At a named position of the dataset.
        case named(String)
        /// At the position of this number, from 0 on with BOS; below 0 counted from the end.
        case index(Int)
    }

    /// A part of the sum.
    package struct Term: Hashable, Sendable {
        /// What it is multiplied by.
        package var weight: Double
        /// What it makes of the logits.
        package var reduction: Reduction
        /// Whose logits it reads.
        package var tokens: Tokens
        /// Where it reads them.
        package var position: Position

        /// A term.
        package init(
            weight: Double, reduction: Reduction, tokens: Tokens, at position: Position = .end
        ) {
            self.weight = weight
            self.reduction = reduction
            self.tokens = tokens
            self.position = position
        }
    }

    /// What it is called.
    package var name: String
    /// Whether a circuit that does the task well has a high value.
    package var higherIsBetter: Bool
    /// The terms, at least one.
    package var terms: [Term]

    /// A metric of terms.
    package init(name: String, higherIsBetter: Bool, terms: [Term]) {
        self.name = name
        self.higherIsBetter = higherIsBetter
        self.terms = terms
    }

    /// Whether it reads the pairs' answers.
    package var readsAnswers: Bool { terms.contains { $0.tokens == .answers } }
    /// Whether it reads the pairs' wrong answers.
    package var readsWrongAnswers: Bool { terms.contains { $0.tokens == .wrongAnswers } }
    /// Whether it reads all logits, as probabilities do.
    package var readsAll: Bool { terms.contains { $0.tokens == .all } }

    /// Whether every listed token has its id.
    package var isResolved: Bool {
        terms.allSatisfy { term in
            guard case .listed(let tokens) = term.tokens else { return true }
            return tokens.allSatisfy { $0.id != nil }
        }
    }

    /// The metric with the ids of its tokens in a vocabulary.
    /// - Throws: `Failure` (bad data) for a text that isn't one token, an id that is another token than
    ///   the text beside it, and one that the model doesn't have.
    package func resolved(in vocabulary: TaskVocabulary) throws(Failure) -> LogitMetric {
        var result = self
        for index in terms.indices {
            guard case .listed(let tokens) = terms[index].tokens else { continue }
            var found: [Token] = []
            for token in tokens { found.append(try resolve(token, in: vocabulary)) }
            result.terms[index].tokens = .listed(found)
        }
        return result
    }

    private func resolve(_ token: Token, in vocabulary: TaskVocabulary) throws(Failure) -> Token {
        var token = token
        // Without a tokenizer an id that is known is taken as it is.
        if let text = token.text, token.id == nil || vocabulary.tokenizer != nil {
            guard let tokenizer = vocabulary.tokenizer else {
                throw failure("`\(text)` is a text, and the model has no tokenizer: give token ids")
            }
            let ids = try tokenizer.encodeText(text)
            guard ids.count == 1, let id = ids.first else {
                throw failure(
                    "`\(text)` is \(ids.count) tokens of this model, and one is needed: give another "
                        + "text, or an id of \(ids.map(String.init).joined(separator: ", "))")
            }
            guard token.id == nil || token.id == id else {
                throw failure(
                    "`\(text)` is token \(id) of this model and \(token.id ?? -1) in the metric: it is "
                        + "another model's; leave the id away")
            }
            token.id = id
        }
        guard let id = token.id, id >= 0, Int(id) < vocabulary.size else {
            throw failure(
                "token \(token.id ?? -1) isn't one of the model's, which go from 0 to "
                    + "\(vocabulary.size - 1)")
        }
        return token
    }

    /// What is wrong with the metric or with what it is read on.
    func failure(_ reason: String) -> Failure {
        Failure(.badData, "the metric \(name): \(reason)")
    }
}
