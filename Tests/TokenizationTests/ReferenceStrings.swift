import Foundation
import TestSupport
import Testing
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

    /// Expects `tokenizer` to make the same ids, and the same texts of those that `decodes` accepts.
    func check(_ tokenizer: Tokenizer, decodes: ([Int32]) -> Bool = { _ in true }) throws {
        for string in strings {
            #expect(
                try tokenizer.encode(string.text) == string.ids, "\(string.text.debugDescription)")
            guard decodes(string.ids) else { continue }
            // Bytes, not characters: Swift's strings are equal where only their bytes differ.
            let decoded = Array(tokenizer.decode(string.ids).utf8)
            let expected = Array((string.decoded ?? string.text).utf8)
            #expect(decoded == expected, "\(string.text.debugDescription)")
        }
    }
}

/// The tokenizer `name` of `fixtures/tokenizer`.
func tinyTokenizer(_ name: String) throws -> Tokenizer {
    try #require(try Tokenizer.load(folder: Fixture.path("tokenizer/\(name)")))
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

extension Fixture {
    /// Where Gemma 3's GGUF lies on this machine, `nil` where it doesn't.
    static let gemma3Vocabulary: String? = {
        let environment = ProcessInfo.processInfo.environment
        let folder =
            environment["CIRCUITTOOLS_MODELS"]
            ?? (environment["HOME"] ?? "") + "/.cache/circuittools/models"
        let path = folder + "/gemma-3-270m-q4_k_m.gguf"
        return FileManager.default.isReadableFile(atPath: path) ? path : nil
    }()

    /// What a skipped test says of a missing Gemma 3.
    static let needsGemma3Vocabulary: Comment = "needs Gemma 3's GGUF: `tools/fetch-model gemma3`"
}
