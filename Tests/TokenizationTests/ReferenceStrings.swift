import Foundation
import TestSupport
import Tokenization

/// The ids and texts by `transformers` of difficult strings with one tokenizer: a file of
/// `fixtures/tokenizer`, written by `tools/reference/make_tokenizer_fixtures.py`.
struct ReferenceStrings: Decodable {
    struct Reference: Decodable {
        var text: String
        var ids: [Int32]
        /// What the ids decode to, where that isn't the text.
        var decoded: String?
    }

    var strings: [Reference]

    /// The reference of tokenizer `name`.
    static func load(_ name: String) throws -> ReferenceStrings {
        try JSONDecoder().decode(
            ReferenceStrings.self, from: try Fixture.data("tokenizer/\(name).json"))
    }
}

/// The tokenizer `name` of `fixtures/tokenizer`.
func tinyTokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(
        tokenizerJSON: try Fixture.data("tokenizer/\(name)/tokenizer.json"),
        config: try Fixture.data("tokenizer/\(name)/tokenizer_config.json"), source: name)
}

/// The vocabulary of the tokenizer `name` of `fixtures/tokenizer`, as a GGUF file would carry it.
func ggufVocabulary(_ name: String, preTokenizer: String?) throws -> GGUFVocabulary {
    struct Document: Decodable {
        struct Model: Decodable {
            var vocab: [String: Int32]
            var merges: [[String]]
        }
        struct Token: Decodable {
            var id: Int32
            var content: String
        }
        var model: Model
        var added_tokens: [Token]
    }
    let document = try JSONDecoder().decode(
        Document.self, from: try Fixture.data("tokenizer/\(name)/tokenizer.json"))
    let count = document.model.vocab.count
    var tokens = [String](repeating: "", count: count)
    var types = [Int32](repeating: GGUFVocabulary.TokenType.normal.rawValue, count: count)
    for (token, id) in document.model.vocab { tokens[Int(id)] = token }
    for token in document.added_tokens where Int(token.id) < count {
        types[Int(token.id)] = GGUFVocabulary.TokenType.control.rawValue
    }
    return GGUFVocabulary(
        preTokenizer: preTokenizer, tokens: StringTable(tokens),
        merges: StringTable(document.model.merges.map { $0.joined(separator: " ") }),
        tokenTypes: types)
}
