/// What `tokenizer_config.json` adds to `tokenizer.json` or `tokenizer.model`.
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

    /// A token that is found in text.
    struct AddedToken: Decodable {
        var content: String
        var single_word: Bool?
        var lstrip: Bool?
        var rstrip: Bool?
        var normalized: Bool?
    }

    var tokenizer_class: String?
    var bos_token: SpecialToken?
    var eos_token: SpecialToken?
    var unk_token: SpecialToken?
    var add_bos_token: Bool?
    var add_eos_token: Bool?
    var add_prefix_space: Bool?
    var legacy: Bool?
    /// By id, as text.
    var added_tokens_decoder: [String: AddedToken]?

    /// Whether a byte-level tokenizer puts a space before a text, where this decides it: the classes
    /// that `transformers` builds anew (measured on 5.24) take their own setting or their default, and
    /// not what `tokenizer.json` says. `nil` where that holds.
    var overruledPrefixSpace: Bool? {
        switch tokenizer_class {
        case "GPT2Tokenizer", "GPT2TokenizerFast", "GPTNeoXTokenizer", "GPTNeoXTokenizerFast",
            "Qwen2Tokenizer", "Qwen2TokenizerFast":
            add_prefix_space ?? false
        default: nil
        }
    }
}
