package import Basics

extension Tokenizer {
    /// A tokenizer from the vocabulary of a GGUF file. `source` names the file in errors.
    ///
    /// What such a file doesn't record is filled in as `transformers` does it (5.24,
    /// `integrations/gguf`), whose ids those of llama.cpp differ from in places: see
    /// `SentencePieceGGUF`.
    package convenience init(
        vocabulary: GGUFVocabulary, source: String
    ) throws(Failure) {
        func bad(_ what: String) -> Failure {
            Failure(.badData, "\(source): \(what)")
        }
        guard !vocabulary.tokens.isEmpty else { throw bad("tokenizer.ggml.tokens is empty") }
        func check(_ key: String, count: Int) throws(Failure) {
            guard count == 0 || count == vocabulary.tokens.count else {
                throw bad(
                    "tokenizer.ggml.\(key) has \(count) entries for"
                        + " \(vocabulary.tokens.count) tokens")
            }
        }
        try check("token_type", count: vocabulary.tokenTypes.count)
        try check("scores", count: vocabulary.scores.count)
        let ids = [
            ("bos", vocabulary.bosID), ("eos", vocabulary.eosID),
            ("unknown", vocabulary.unknownID), ("padding", vocabulary.paddingID),
        ]
        for (key, id) in ids {
            if let id, id < 0 || Int(id) >= vocabulary.tokens.count {
                throw bad("tokenizer.ggml.\(key)_token_id \(id) is not in the vocabulary")
            }
        }
        var parts: Parts
        switch vocabulary.model {
        case "gpt2": parts = try Self.byteLevelParts(vocabulary, place: source, bad)
        case "llama": parts = try SentencePieceGGUF(vocabulary).parts(bad)
        default:
            throw bad(
                "tokenizer.ggml.model is `\(vocabulary.model)`; `gpt2` (byte-level BPE) and"
                    + " `llama` (SentencePiece's BPE) are supported: give prompts as token ids")
        }
        parts.bosID = vocabulary.bosID
        parts.eosID = vocabulary.eosID
        if vocabulary.addsEOS == true { parts.suffix = [vocabulary.eosID].compactMap(\.self) }
        parts.source = source
        parts.warnings += vocabulary.unknownKeys.map { "\(source): `\($0)` is left out of account" }
        try self.init(parts)
    }

    private static func byteLevelParts(
        _ vocabulary: GGUFVocabulary, place: String, _ bad: (String) -> Failure
    ) throws(Failure) -> Parts {
        var tokens = StringTable()
        tokens.reserveCapacity(vocabulary.tokens.count, byteCount: vocabulary.tokens.bytes.count)
        var added: [AddedToken] = []
        var bytes: [UInt8] = []
        for id in 0..<vocabulary.tokens.count {
            let token = vocabulary.tokens[id]
            switch vocabulary.type(of: id) {
            case .control, .userDefined:
                added.append(AddedToken(id: Int32(id), content: Array(token)))
                tokens.append(token)
            case .unused:
                tokens.append(EmptyCollection())
            default:
                bytes.removeAll(keepingCapacity: true)
                ByteAlphabet.decode(token, into: &bytes)
                tokens.append(bytes)
            }
        }

        let name = vocabulary.preTokenizer ?? GGUFPreTokenizer.unnamed
        guard let rules = GGUFPreTokenizer(named: name) else {
            throw bad("tokenizer.ggml.pre `\(name)` is not supported: give prompts as token ids")
        }
        var steps: [PreTokenizer.Step]
        do {
            steps = try rules.steps(place: place)
        } catch {
            throw bad(error.description)
        }
        if vocabulary.addsSpacePrefix == true { steps.insert(.prefixSpace, at: 0) }
        let index = TokenIndex(tokens)
        let merges = try MergeTable(
            tokens: index, count: vocabulary.merges.count, bad
        ) { (rank, pair) throws(Failure) in
            let (left, right) = try vocabulary.merge(rank, bad)
            ByteAlphabet.decode(left, into: &pair.left)
            ByteAlphabet.decode(right, into: &pair.right)
        }
        let addsBOS = vocabulary.addsBOS ?? rules.addsBOS
        return Parts(
            index: index,
            model: .bytePair(
                BytePairModel(
                    units: .bytes(index.byteTokens), rules: .table(merges),
                    ignoresMerges: rules.ignoresMerges)),
            preTokenizer: PreTokenizer(steps: steps), addedTokens: added,
            prefix: addsBOS ? [vocabulary.bosID].compactMap(\.self) : [])
    }
}

extension GGUFVocabulary {
    /// Keys that say nothing about the ids of a text: tokens for other purposes (chats, filling in the
    /// middle, pairs of texts), and what only other kinds of tokenizer use.
    private static let withoutEffect: Set<String> = [
        "add_sep_token", "cls_token_id", "eom_token_id", "eot_token_id", "fim_mid_token_id",
        "fim_pad_token_id", "fim_pre_token_id", "fim_rep_token_id", "fim_sep_token_id",
        "fim_suf_token_id", "mask_token_id", "middle_token_id", "precompiled_charsmap",
        "prefix_token_id", "remove_extra_whitespaces", "seperator_token_id", "suffix_token_id",
        "token_type_count",
    ]

    /// Those of ``otherKeys`` of which nothing is known.
    fileprivate var unknownKeys: [String] {
        otherKeys.filter { key in
            !key.hasPrefix("tokenizer.chat_template") && key != "tokenizer.huggingface.json"
                && !Self.withoutEffect.contains { key == "tokenizer.ggml." + $0 }
        }
    }

    /// What token `id` is for.
    func type(of id: Int) -> TokenType {
        tokenTypes.isEmpty ? .normal : TokenType(rawValue: tokenTypes[id]) ?? .normal
    }

    /// The two tokens of the merge at `rank`.
    func merge(
        _ rank: Int, _ bad: (String) -> Failure
    ) throws(Failure) -> (left: ArraySlice<UInt8>, right: ArraySlice<UInt8>) {
        let merge = merges[rank]
        // Tokens are written without spaces, so the one space is the border; were a token to start
        // with one, it would be the left one's.
        guard let space = merge.dropFirst().firstIndex(of: UInt8(ascii: " ")) else {
            throw bad("tokenizer.ggml.merges[\(rank)] is not two tokens with a space between")
        }
        return (merge[..<space], merge[(space + 1)...])
    }
}
