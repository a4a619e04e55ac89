import Basics
package import Tokenization

/// What a task may build prompts from: the tokens of one model.
package struct TaskVocabulary: Sendable {
    /// The model's tokenizer; nil for models that take token ids only.
    package let tokenizer: Tokenizer?
    /// The number of tokens the model knows.
    package let size: Int
    /// Why there is no tokenizer, for messages.
    let whyNone: String

    /// The vocabulary of a model with `size` tokens.
    /// - Parameter whyNone: Why there is no tokenizer, where the model's files have one that can't be read.
    package init(tokenizer: Tokenizer?, size: Int, whyNone: String? = nil) {
        self.tokenizer = tokenizer
        self.size = size
        self.whyNone = whyNone ?? "the model has no tokenizer"
    }

    /// Those of `words` that are one token each after a space, as words within a text are.
    func singleTokens(_ words: [String]) -> [String] {
        guard let tokenizer else { return [] }
        return words.filter { tokenizer.singleToken(" " + $0) != nil }
    }

    /// Pairs of words of which both are one token, from a list of words, two for each pair.
    func singleTokenPairs(
        _ words: String, atLeast minimum: Int, of kind: String, for task: String
    ) throws(Failure) -> [(first: String, second: String)] {
        let words = words.split(separator: " ").map(String.init)
        let single = Set(try singleTokens(words, atLeast: 2 * minimum, of: kind, for: task))
        let pairs = stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
            .filter { single.contains($0.0) && single.contains($0.1) }
        guard pairs.count >= minimum else {
            throw Failure(
                .badData,
                "task \(task) needs \(minimum) pairs of \(kind) that are one token each, and this "
                    + "model's tokenizer has \(pairs.count) of \(words.count / 2)")
        }
        return pairs.map { (first: $0.0, second: $0.1) }
    }

    /// As ``singleTokens(_:)``; throws where fewer than `minimum` are left of what `kind` names.
    func singleTokens(
        _ words: [String], atLeast minimum: Int, of kind: String, for task: String
    ) throws(Failure) -> [String] {
        guard tokenizer != nil else {
            throw Failure(
                .usage,
                "task \(task) is made of text and this model has no tokenizer; use induction, or "
                    + "--from a file of token ids")
        }
        let found = singleTokens(words)
        guard found.count >= minimum else {
            throw Failure(
                .badData,
                "task \(task) needs \(minimum) \(kind) that are one token each, and this model's "
                    + "tokenizer has \(found.count) of \(words.count)")
        }
        return found
    }
}
