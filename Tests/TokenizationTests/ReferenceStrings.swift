import Foundation
import TestSupport
import Tokenization

/// What `transformers` makes of the nasty strings with one tokenizer: a file of
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
