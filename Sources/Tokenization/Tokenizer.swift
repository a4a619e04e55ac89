#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A byte-level BPE tokenizer: text to token ids and back, as the model's own tokenizer does it.
public final class Tokenizer: Sendable {
    /// A tokenizer from the vocabulary of a GGUF file. `source` names the file in errors.
    public init(vocabulary: GGUFVocabulary, source: String) throws(TokenizationError) {
        throw TokenizationError(.badData, "\(source): not done yet")
    }

    /// A tokenizer from the content of `tokenizer.json` and, where there is one, of
    /// `tokenizer_config.json`. `source` names the file in errors.
    public init(
        tokenizerJSON: Data, config: Data?, source: String = "tokenizer.json"
    ) throws(TokenizationError) {
        throw TokenizationError(.badData, "\(source): not done yet")
    }

    /// The number of token ids.
    public var vocabularySize: Int { 0 }
    /// The id of the token that begins a text, where the tokenizer has one.
    public var bosID: Int32? { nil }
    /// The id of the token that ends a text, where the tokenizer has one.
    public var eosID: Int32? { nil }
    /// Whether the tokenizer's own settings put BOS before a text.
    public var addsBOS: Bool { false }

    /// The ids of `text`. `addBOS` overrides ``addsBOS``.
    public func encode(_ text: String, addBOS: Bool? = nil) -> [Int32] { [] }
    /// The text of `ids`; bytes that aren't UTF-8 become U+FFFD.
    public func decode(_ ids: [Int32]) -> String { "" }
    /// Token `id` as text, `nil` where there is no such id.
    public func token(for id: Int32) -> String? { nil }
    /// The id of the token that is exactly `text`, `nil` where there is none.
    public func id(of text: String) -> Int32? { nil }
    /// The id of `text` if it encodes to exactly one token.
    public func singleToken(_ text: String) -> Int32? { nil }
}
