import Foundation
import Models
import Tasks
import TestSupport
import Tokenization

/// The vocabularies that tasks are tried with.
enum TaskVocabularies {
    /// GPT-2's rules, trained on text like the tasks'.
    static func tinyGPT2() throws -> TaskVocabulary {
        let tokenizer = try Tokenizer(
            tokenizerJSON: try Fixture.data("tokenizer/tiny-gpt2/tokenizer.json"),
            config: try Fixture.data("tokenizer/tiny-gpt2/tokenizer_config.json"))
        return TaskVocabulary(tokenizer: tokenizer, size: tokenizer.vocabularySize)
    }

    /// One token for every word that the tasks may need, years as GPT-2 or as SmolLM2 has them.
    static func words(pairsDigits: Bool) throws -> TaskVocabulary {
        let words =
            "Mary John David Sarah James Lisa store garden ring drink war plan she he good kind "
            + "friend teacher apple brook candle dream ember frost grape house ink jungle kettle "
            + "lamp moon nest ocean pearl France Paris Italy Rome Spain Madrid Germany Berlin Japan "
            + "Tokyo China Beijing Egypt Cairo Greece Athens Poland Warsaw Cuba Havana Peru Lima key keys door doors tree trees is are was were animals dogs cats horses cows pigs bears fruits "
            + "apples oranges metals iron gold red blue green pen cup book "
            + "black A B C D load size files last first start end name value key path index count "
            + "oil column piece crime unit dark song army river Mozart German Voltaire French Dante "
            + "Italian Picasso Spanish Tolstoy Russian Newton English Plato Greek Caesar Latin Bach "
            + "Hegel Pascal Verdi Goya Lenin Darwin Homer"
        let tokenizer = try wordTokenizer(
            words.split(separator: " ").map(String.init), pairsDigits: pairsDigits)
        return TaskVocabulary(tokenizer: tokenizer, size: tokenizer.vocabularySize)
    }

    /// SmolLM2's.
    static func smolLM2() throws -> TaskVocabulary {
        let source = try ModelSource(Fixture.smolLM2 ?? "")
        return TaskVocabulary(
            tokenizer: try source.tokenizer(), size: source.configuration.dVocab)
    }

    /// `vocabulary`'s tokenizer of pairs.
    static func tokenizer(
        _ vocabulary: TaskVocabulary, addBOS: Bool? = nil
    ) throws -> PairTokenizer {
        try PairTokenizer(vocabulary: vocabulary, contextLength: 256, addBOS: addBOS)
    }
}
