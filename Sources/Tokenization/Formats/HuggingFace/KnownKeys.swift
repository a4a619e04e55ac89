import FoundationEssentials

/// Which keys of tokenizer files are used or known to be without effect on ids and texts; all others
/// are reported, so that no setting is passed over in silence.
enum KnownKeys {
    /// Of `tokenizer.json`: the keys of the document, and of the model. Truncation and padding shape
    /// batches; `transformers` takes them from its caller.
    private static let document: Set<String> = [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
        "post_processor", "decoder", "model",
    ]
    private static let model: Set<String> = [
        "type", "dropout", "unk_token", "unk_id", "continuing_subword_prefix",
        "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges",
    ]

    /// The keys of each kind of normalizer, pre-tokenizer, post-processor and decoder besides `type`.
    /// `trim_offsets`, `str_rep`, `pair` and `type_id` say nothing about ids.
    private static let components: [String: Set<String>] = [
        "ByteLevel": ["add_prefix_space", "trim_offsets", "use_regex"],
        "Digits": ["individual_digits"],
        "Metaspace": ["replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"],
        "Precompiled": ["precompiled_charsmap"],
        "Prepend": ["prepend"],
        "Replace": ["pattern", "content"],
        "Sequence": ["normalizers", "pretokenizers", "processors", "decoders"],
        "Split": ["pattern", "behavior", "invert"],
        "Strip": ["strip_left", "strip_right", "content", "start", "stop"],
        "TemplateProcessing": ["single", "pair", "special_tokens"],
    ]

    /// Of `tokenizer_config.json`. Most are about training, batches, chats or Python.
    private static let configuration: Set<String> = [
        // Used.
        "tokenizer_class", "bos_token", "eos_token", "unk_token", "add_bos_token", "add_eos_token",
        "add_prefix_space", "added_tokens_decoder", "legacy",
        // Tokens for other purposes, which `tokenizer.json` or `added_tokens_decoder` lists too.
        "pad_token", "sep_token", "cls_token", "mask_token", "additional_special_tokens",
        "extra_special_tokens", "special_tokens", "image_token", "boi_token", "eoi_token",
        "model_specific_special_tokens",
        // Without effect on the ids of a text.
        "auto_map", "backend", "chat_template", "clean_up_tokenization_spaces", "errors",
        "fast", "is_local", "local_files_only", "max_length", "model_input_names",
        "model_max_length", "name_or_path", "pad_to_multiple_of", "pad_token_type_id",
        "padding_side", "processor_class", "response_schema", "return_token_type_ids",
        "sp_model_kwargs", "spaces_between_special_tokens", "special_tokens_map_file", "stride",
        "tokenizer_file", "truncation_side", "truncation_strategy", "trust_remote_code",
        "use_default_system_prompt", "use_fast", "vocab_file", "vocab_size",
    ]

    /// What is to be reported of `skeleton`, a `tokenizer.json` without its tables.
    static func warnings(tokenizer skeleton: Data) -> [String] {
        guard let tree = try? JSONDecoder().decode(Tree.self, from: skeleton),
            case .object(let members) = tree
        else { return [] }
        var unknown = members.keys.filter { !document.contains($0) }
        for key in ["normalizer", "pre_tokenizer", "post_processor", "decoder"] {
            unknown += unknownKeys(of: members[key], at: key)
        }
        if case .object(let members)? = members["model"] {
            unknown += members.keys.filter { !model.contains($0) }.map { "model." + $0 }
        }
        return warnings(unknown)
    }

    /// What is to be reported of a `tokenizer_config.json`.
    static func warnings(configuration data: Data) -> [String] {
        guard let tree = try? JSONDecoder().decode([String: Ignored].self, from: data) else {
            return []
        }
        return warnings(tree.keys.filter { !configuration.contains($0) })
    }

    private static func warnings(_ keys: [String]) -> [String] {
        keys.sorted().map { "its `\($0)` is left out of account" }
    }

    private static func unknownKeys(of tree: Tree?, at path: String) -> [String] {
        guard case .object(let members)? = tree else { return [] }
        var known: Set<String> = []
        if case .text(let type)? = members["type"] { known = components[type] ?? [] }
        var unknown = members.keys.filter { $0 != "type" && !known.contains($0) }
            .map { path + "." + $0 }
        for list in ["normalizers", "pretokenizers", "processors", "decoders"] {
            guard case .array(let parts)? = members[list] else { continue }
            for (index, part) in parts.enumerated() {
                unknown += unknownKeys(of: part, at: "\(path).\(list)[\(index)]")
            }
        }
        return unknown
    }

    /// A value whose keys are looked at; numbers and tokens aren't.
    private enum Tree: Decodable {
        case object([String: Tree])
        case array([Tree])
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            if let keys = try? decoder.container(keyedBy: Key.self) {
                var members: [String: Tree] = [:]
                for key in keys.allKeys {
                    // There are thousands of tokens, all alike.
                    let isDetail = ["added_tokens", "special_tokens"].contains(key.stringValue)
                    members[key.stringValue] =
                        isDetail ? .other : try keys.decode(Tree.self, forKey: key)
                }
                self = .object(members)
            } else if let values = try? [Tree](from: decoder) {
                self = .array(values)
            } else if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .text(text)
            } else {
                self = .other
            }
        }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Ignored: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
