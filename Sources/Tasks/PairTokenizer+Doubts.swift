import Tokenization

/// Something about a pair that is allowed, and probably not meant.
package struct PairDoubt: Hashable, Sendable {
    /// What sort of thing it is.
    package enum Kind: Int, Hashable, Sendable {
        /// An answer would join the prompt's last word.
        case missingSpace
        /// The text begins with the BOS token that is put before it.
        case repeatedBOS
    }

    /// What sort of thing it is.
    package var kind: Kind
    /// In a line, what it is and what to do.
    package var message: String
}

extension PairTokenizer {
    /// What is probably not meant in a pair that can be used.
    package func doubts(about pair: PromptPair) -> [PairDoubt] {
        guard let tokenizer = vocabulary.tokenizer else { return [] }
        var doubts: [PairDoubt] = []
        if let answer = (pair.answers + pair.wrongAnswers).lazy
            .compactMap({ missingSpace($0, after: pair.clean, tokenizer) }).first
        {
            doubts.append(PairDoubt(kind: .missingSpace, message: answer))
        }
        if let bos, case .text(let text) = pair.clean,
            (try? tokenizer.encodeText(text))?.first == bos
        {
            doubts.append(
                PairDoubt(
                    kind: .repeatedBOS,
                    message: "the prompt begins with BOS, and another one is put before it; leave "
                        + "it away, or give --no-bos"))
        }
        return doubts
    }

    /// Why an answer's space seems to be missing: the prompt ends in a word, and with a space the
    /// answer is a token.
    private func missingSpace(
        _ answer: PromptPair.Content, after prompt: PromptPair.Content, _ tokenizer: Tokenizer
    ) -> String? {
        guard case .text(let text) = answer, case .text(let prompt) = prompt,
            let first = text.first, let last = prompt.last, first.isLetter,
            last.isLetter || last.isNumber || ",.;:?!".contains(last),
            tokenizer.singleToken(" " + text) != nil
        else { return nil }
        // Where both are the same tokens, nothing is missing.
        guard let ids = try? tokenizer.encodeContinuation(text),
            ids != (try? tokenizer.encodeContinuation(" " + text))
        else { return nil }
        let size = ids.count == 1 ? "another token than" : "\(ids.count) tokens, unlike"
        return "the answer `\(text)` has no space before it (it is \(size) ` \(text)`): write "
            + "\" \(text)\" if it is the next word"
    }
}
