import FoundationEssentials

/// The part of `tokenizer.json` besides its vocabulary and merges, as the `tokenizers` library
/// writes it.
struct TokenizerDocument: Decodable {
    struct Token: Decodable {
        var id: Int32
        var content: String
        var single_word: Bool?
        var lstrip: Bool?
        var rstrip: Bool?
        var normalized: Bool?
    }

    /// A normalizer, pre-tokenizer or post-processor: `type` says which, and which fields count.
    struct Component: Decodable {
        struct Pattern: Decodable {
            var String: Swift.String?
            var Regex: Swift.String?
        }

        /// A piece of a template: a special token or a text.
        struct Piece: Decodable {
            struct Named: Decodable {
                var id: Swift.String
            }
            var SpecialToken: Named?
            var Sequence: Named?
        }

        struct SpecialToken: Decodable {
            var ids: [Int32]
        }

        var type: Swift.String
        var normalizers: [Component]?
        var pretokenizers: [Component]?
        var processors: [Component]?
        var pattern: Pattern?
        var behavior: Swift.String?
        var invert: Bool?
        var individual_digits: Bool?
        var add_prefix_space: Bool?
        var use_regex: Bool?
        var single: [Piece]?
        var special_tokens: [Swift.String: SpecialToken]?
    }

    struct Model: Decodable {
        var type: String?
        var unk_token: String?
        var continuing_subword_prefix: String?
        var end_of_word_suffix: String?
        var fuse_unk: Bool?
        var byte_fallback: Bool?
        var ignore_merges: Bool?
    }

    var added_tokens: [Token]?
    var normalizer: Component?
    var pre_tokenizer: Component?
    var post_processor: Component?
    var model: Model
}

/// What `tokenizer_config.json` adds to `tokenizer.json`.
struct TokenizerConfiguration: Decodable {
    /// A special token: its text, or an object with it.
    struct SpecialToken: Decodable {
        var content: String

        private enum CodingKeys: String, CodingKey {
            case content
        }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                content = text
            } else {
                content = try decoder.container(keyedBy: CodingKeys.self)
                    .decode(String.self, forKey: .content)
            }
        }
    }

    var bos_token: SpecialToken?
    var eos_token: SpecialToken?
}
