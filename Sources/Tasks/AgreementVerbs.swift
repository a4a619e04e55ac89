package import Basics
import Tokenization

/// Verbs in the third person, in singular and plural, both of which are one token.
package struct AgreementVerbs: Sendable {
    /// ` is`, ` was`, ...
    package let singular: [PromptPair.Content]
    /// ` are`, ` were`, ..., in the same order.
    package let plural: [PromptPair.Content]

    /// Those of ``list`` that a vocabulary has.
    /// - Throws: `Failure` where there is no tokenizer, or it has none of them.
    package init(_ vocabulary: TaskVocabulary) throws(Failure) {
        guard let tokenizer = vocabulary.tokenizer else {
            throw Failure(.usage, "verbs need a tokenizer, and this model has none")
        }
        let verbs = Self.list.filter { singular, plural in
            tokenizer.singleToken(" " + singular) != nil
                && tokenizer.singleToken(" " + plural) != nil
        }
        guard !verbs.isEmpty else {
            throw Failure(
                .badData,
                "this model's tokenizer has no verb whose singular and plural are one token")
        }
        singular = verbs.map { .text(" " + $0.singular) }
        plural = verbs.map { .text(" " + $0.plural) }
    }

    /// The verbs, the most frequent first.
    static let list: [(singular: String, plural: String)] = [
        ("is", "are"), ("was", "were"), ("has", "have"), ("does", "do"), ("makes", "make"),
        ("takes", "take"), ("goes", "go"), ("comes", "come"), ("gives", "give"), ("knows", "know"),
        ("says", "say"), ("gets", "get"), ("needs", "need"), ("wants", "want"), ("works", "work"),
        ("seems", "seem"), ("likes", "like"), ("lives", "live"), ("plays", "play"), ("runs", "run"),
        ("keeps", "keep"), ("tells", "tell"), ("asks", "ask"), ("feels", "feel"),
        ("stands", "stand"),
    ]
}
