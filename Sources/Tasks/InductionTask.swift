package import Basics
import Tokenization

/// Induction (Olsson et al. 2022): random tokens, then the same again; what followed a token the
/// first time follows it the second time.
///
/// Corrupted by other random tokens in the first half, so that the last token has not been seen
/// before and nothing says what follows it. The wrong answer is the token that stands, in the
/// corrupted prompt, where the clean one has the answer. Named positions: `A1` (where the last
/// token stands the first time), `B1` (the answer, after it) and `end`.
///
/// With a tokenizer the tokens are words in lower case; without one, any ids.
package struct InductionTask: PairTask {
    /// How many tokens are repeated.
    package let length: Int
    /// How many of them the second half shows.
    package let repeated: Int

    /// The task with `length` tokens (at least 2), the first `repeated` of which (at least 1, fewer
    /// than `length`) come again.
    package init(length: Int = 8, repeated: Int = 5) {
        self.length = max(length, 2)
        self.repeated = min(max(repeated, 1), self.length - 1)
    }

    /// `induction`.
    package let name = "induction"
    /// For the list of tasks.
    package let summary = "what followed a random token the first time follows it again (A B ... A)"
    /// ``length`` + ``repeated``.
    package let hasEqualLengths = true

    /// Draws twice ``length`` different tokens: those repeated, and those that replace them.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let ids = Self.ordinaryTokens(of: vocabulary)
        guard ids.count >= 2 * length else {
            throw Failure(
                .badData,
                "task \(name) needs \(2 * length) different words that are one token each, and "
                    + "this model's tokenizer has \(ids.count)")
        }
        return { [length, repeated] random in
            let drawn = random.pick(2 * length, of: ids)
            let (first, other) = (Array(drawn[..<length]), Array(drawn[length...]))
            let again = first[..<repeated]
            func content(_ ids: [Int32]) -> PromptPair.Content {
                // Text only where it stands for exactly these tokens.
                guard let tokenizer = vocabulary.tokenizer else { return .ids(ids) }
                let text = tokenizer.decode(ids)
                return (try? tokenizer.encodeText(text)) == ids ? .text(text) : .ids(ids)
            }
            return PromptPair(
                clean: content(first + again), corrupted: content(other + again),
                answers: [.ids([first[repeated]])], wrongAnswers: [.ids([other[repeated]])],
                positions: ["A1": .token(repeated - 1), "B1": .token(repeated)])
        }
    }

    /// The tokens to draw from: with a tokenizer, words in lower case after a space, the first
    /// 2,000 in order of id, which are the most frequent ones.
    private static func ordinaryTokens(of vocabulary: TaskVocabulary) -> [Int32] {
        guard let tokenizer = vocabulary.tokenizer else {
            return (0..<Int32(clamping: vocabulary.size)).map { $0 }
        }
        var ids: [Int32] = []
        for id in 0..<Int32(clamping: min(tokenizer.vocabularySize, vocabulary.size)) {
            guard let text = tokenizer.token(for: id) else { continue }
            let bytes = text.utf8
            guard bytes.count >= 4, bytes.first == UInt8(ascii: " "),
                bytes.dropFirst().allSatisfy((UInt8(ascii: "a")...UInt8(ascii: "z")).contains),
                tokenizer.singleToken(text) == id
            else { continue }
            ids.append(id)
            if ids.count == 2000 { break }
        }
        return ids
    }
}
