import Basics

/// Text to token ids and back, as the model's own tokenizer does it.
///
/// Text is cut at the added tokens in it; what lies between is normalised and cut into words by the
/// pre-tokenizer's rules; and the model makes tokens of each word: byte-pair encoding or a unigram
/// language model. All of it works on UTF-8 bytes. The stages, their order and what each does are
/// those of Hugging Face's `tokenizers` library, whose ids are the measure of all of this.
package final class Tokenizer: Sendable {
    /// How the tokens of a word are found.
    enum Model: Sendable {
        /// Byte-pair encoding, of bytes or of characters.
        case bytePair(BytePairModel)
        /// The most probable tokens.
        case unigram(UnigramModel)
    }

    /// Everything that distinguishes one tokenizer from another.
    struct Parts: Sendable {
        /// Every token's bytes, by id: those of the text it stands for where the model merges bytes,
        /// those it is written with (`▁Mary`, `<0x0A>`) where it merges characters.
        var index: TokenIndex
        /// How a word becomes tokens.
        var model: Model
        /// What is done to text before it is cut.
        var normalizer = Normalizer()
        /// The rules that cut text into words.
        var preTokenizer: PreTokenizer
        /// The tokens found in text as it stands.
        var addedTokens: [AddedToken]
        /// How tokens become text.
        var decoder = TokenDecoder()
        /// The token that begins a text.
        var bosID: Int32?
        /// The token that ends a text.
        var eosID: Int32?
        /// Put before a text by the tokenizer's own settings.
        var prefix: [Int32] = []
        /// Put after a text by the tokenizer's own settings.
        var suffix: [Int32] = []
        /// The file it comes from, for errors.
        var source = "the tokenizer"
        /// What of the file is left out of account, a line each.
        var warnings: [String] = []

        /// What a part of a word without a token becomes.
        var unknownID: Int32? {
            switch model {
            case .bytePair(let model): model.unknownID
            case .unigram(let model): model.unknownID
            }
        }
    }

    let parts: Parts
    /// The added tokens looked for in the text as given.
    let rawTokens: AddedTokens
    /// The added tokens looked for in normalised text, and normalised themselves.
    let normalizedTokens: AddedTokens

    init(_ parts: Parts) throws(Failure) {
        self.parts = parts
        rawTokens = AddedTokens(parts.addedTokens.filter { !$0.isNormalized })
        var normalizedTokens = parts.addedTokens.filter(\.isNormalized)
        for index in normalizedTokens.indices {
            normalizedTokens[index].content = try parts.normalizer.normalized(
                normalizedTokens[index].content)
        }
        self.normalizedTokens = AddedTokens(normalizedTokens)
    }

    /// What of its file is left out of account or may surprise, a line each, for people.
    package var warnings: [String] { parts.warnings }

    /// The number of token ids, ids without a token included.
    package var vocabularySize: Int { parts.index.tokens.count }

    /// The id of the token that begins a text, where the tokenizer has one.
    package var bosID: Int32? { parts.bosID }

    /// The id of the token that ends a text, where the tokenizer has one.
    package var eosID: Int32? { parts.eosID }

    /// Whether the tokenizer's own settings put BOS before a text.
    package var addsBOS: Bool { parts.bosID != nil && parts.prefix.first == parts.bosID }

    /// The text of `ids`, special tokens included. What isn't UTF-8 becomes U+FFFD; ids without a
    /// token are left out. A space that the tokenizer puts before every text isn't part of it.
    package func decode(_ ids: some Sequence<Int32>) -> String {
        parts.decoder.text(of: tokens(ids))
    }

    /// The text of `ids` where they go on from another text: as ``decode(_:)``, but a space that they start
    /// with is part of it.
    package func decodeContinuation(_ ids: some Sequence<Int32>) -> String {
        parts.decoder.text(of: tokens(ids), isWhole: false)
    }

    private func tokens(_ ids: some Sequence<Int32>) -> [ArraySlice<UInt8>] {
        ids.filter { $0 >= 0 && Int($0) < vocabularySize }.map { parts.index.tokens[Int($0)] }
    }

    /// Token `id` as the text it stands for within a text, `nil` where no token has that id. A token
    /// that is part of a character has U+FFFD in it.
    package func token(for id: Int32) -> String? {
        guard id >= 0, Int(id) < vocabularySize, !parts.index.tokens[Int(id)].isEmpty else {
            return nil
        }
        return decodeContinuation([id])
    }

    /// The id of the token that is exactly `text`, a special token included; `nil` where there is
    /// none.
    package func id(of text: String) -> Int32? {
        let bytes = Array(text.utf8)
        return rawTokens.token(bytes)?.id ?? normalizedTokens.token(bytes)?.id
            ?? parts.index.id(of: parts.decoder.spelling(of: bytes))
    }

    /// The id of `text` if it encodes to exactly one token within a text, without BOS and without the
    /// space that some tokenizers put before every text; otherwise `nil`, as where it can't be encoded.
    package func singleToken(_ text: String) -> Int32? {
        guard let ids = try? encodeContinuation(text), ids.count == 1, let id = ids.first,
            id != parts.unknownID
        else { return nil }
        return id
    }
}
