/// A byte-level BPE tokenizer: text to token ids and back, as the model's own tokenizer does it.
///
/// Text is cut at the added tokens in it, what lies between is normalised and cut into words by
/// the pre-tokenizer's rules, and the bytes of each word are merged into tokens, the merge learned
/// first going first. All of it works on UTF-8 bytes.
package final class Tokenizer: Sendable {
    /// Everything that distinguishes one tokenizer from another.
    struct Parts: Sendable {
        /// Every token's bytes, by id.
        var index: TokenIndex
        /// What merges into what.
        var merges: MergeTable
        /// The rules that cut text into words.
        var preTokenizer: PreTokenizer
        /// The tokens found in text as it stands.
        var addedTokens: [AddedToken]
        /// Whether text is brought into Unicode's normal form C.
        var normalizes = false
        /// Whether a word that is a token is one, whatever the merges make of it.
        var ignoresMerges = false
        /// What a byte without a token becomes; such bytes are left out where there is none.
        var unknownID: Int32?
        /// Whether neighbouring unknown bytes become one unknown token.
        var fusesUnknown = false
        /// The token that begins a text.
        var bosID: Int32?
        /// The token that ends a text.
        var eosID: Int32?
        /// Put before a text by the tokenizer's own settings.
        var prefix: [Int32] = []
        /// Put after a text by the tokenizer's own settings.
        var suffix: [Int32] = []
    }

    let parts: Parts
    /// The token of each single byte; -1 where there is none.
    let byteTokens: [Int32]
    /// The added tokens looked for in the text as given.
    let rawTokens: AddedTokens
    /// The added tokens looked for in normalised text.
    let normalizedTokens: AddedTokens

    init(_ parts: Parts) {
        self.parts = parts
        byteTokens = (0..<256).map { parts.index.id(of: [UInt8($0)]) ?? -1 }
        // Where nothing is normalised both kinds are found in one go, the longest first.
        let late = parts.normalizes ? parts.addedTokens.filter(\.isNormalized) : []
        rawTokens = AddedTokens(
            parts.normalizes ? parts.addedTokens.filter { !$0.isNormalized } : parts.addedTokens)
        normalizedTokens = AddedTokens(late)
    }

    /// The number of token ids, ids without a token included.
    package var vocabularySize: Int { parts.index.tokens.count }

    /// The id of the token that begins a text, where the tokenizer has one.
    package var bosID: Int32? { parts.bosID }

    /// The id of the token that ends a text, where the tokenizer has one.
    package var eosID: Int32? { parts.eosID }

    /// Whether the tokenizer's own settings put BOS before a text.
    package var addsBOS: Bool { parts.bosID != nil && parts.prefix.first == parts.bosID }

    /// The text of `ids`: their bytes joined. What isn't UTF-8 becomes U+FFFD; ids without a token
    /// are left out.
    package func decode(_ ids: some Sequence<Int32>) -> String {
        var bytes: [UInt8] = []
        for id in ids where id >= 0 && Int(id) < vocabularySize {
            bytes.append(contentsOf: parts.index.tokens[Int(id)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Token `id` as text, `nil` where no token has that id. A token that is part of a character
    /// has U+FFFD in it.
    package func token(for id: Int32) -> String? {
        guard id >= 0, Int(id) < vocabularySize, !parts.index.tokens[Int(id)].isEmpty else {
            return nil
        }
        return parts.index.tokens.string(at: Int(id))
    }

    /// The id of the token that is exactly `text`, a special token included; `nil` where there is
    /// none.
    package func id(of text: String) -> Int32? {
        let bytes = Array(text.utf8)
        return rawTokens.tokens.first { $0.content == bytes }?.id ?? parts.index.id(of: bytes)
    }

    /// The id of `text` if it encodes to exactly one token, without BOS; otherwise `nil`.
    package func singleToken(_ text: String) -> Int32? {
        let ids = encodeText(text)
        guard ids.count == 1, let id = ids.first, id != parts.unknownID else { return nil }
        return id
    }
}
