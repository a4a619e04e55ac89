import FoundationEssentials

/// The part of `tokenizer.json` besides its vocabulary and merges, as the `tokenizers` library
/// writes it.
struct TokenizerDocument: Decodable {
    /// A token that is found in text.
    struct Token: Decodable {
        var id: Int32
        var content: String
        var single_word: Bool?
        var lstrip: Bool?
        var rstrip: Bool?
        var normalized: Bool?
    }

    /// A normalizer, pre-tokenizer, post-processor or decoder: `type` says which, and which fields
    /// count.
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
        var decoders: [Component]?
        var pattern: Pattern?
        var content: Swift.String?
        var prepend: Swift.String?
        var precompiled_charsmap: Swift.String?
        var strip_left: Bool?
        var strip_right: Bool?
        var behavior: Swift.String?
        var invert: Bool?
        var individual_digits: Bool?
        var add_prefix_space: Bool?
        var prepend_scheme: Swift.String?
        var replacement: Swift.String?
        var split: Bool?
        var use_regex: Bool?
        var start: Int?
        var stop: Int?
        var single: [Piece]?
        var special_tokens: [Swift.String: SpecialToken]?
    }

    struct Model: Decodable {
        var type: String?
        var unk_token: String?
        var unk_id: Int32?
        var dropout: Double?
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
    var decoder: Component?
    var model: Model
}
