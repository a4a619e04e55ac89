import Basics

/// A vocabulary of SentencePiece's BPE as GGUF files carry it (`tokenizer.ggml.model` = `llama`).
///
/// Such a file says little of how text is cut; the rest is as `transformers` has it for GGUF files
/// (5.24), that is, as the tokenizers of the models themselves:
/// - Control and user-defined tokens are found in text as it stands, before anything else, with BOS,
///   EOS and the others that the file names; nothing is put before text that comes after one.
/// - Two neighbours merge where both together are a token, the one with the best score first. Gemma's
///   scores don't follow the order of its merges, but its ids do.
/// - Gemma puts no space before a text; Phi-3 puts one even before text that starts with a space;
///   all others put one before a text that doesn't start with one. `add_space_prefix` overrules
///   that. (`transformers` doesn't read that key.)
/// - BOS is put before a text unless the file says otherwise.
/// - Unused tokens are tokens like any other.
struct SentencePieceGGUF {
    private let vocabulary: GGUFVocabulary
    private let isGemma: Bool

    /// What SentencePiece writes for a space.
    static let space = Array("\u{2581}".utf8)

    init(_ vocabulary: GGUFVocabulary) {
        self.vocabulary = vocabulary
        isGemma = vocabulary.architecture?.hasPrefix("gemma") == true
    }

    /// The tokenizer's parts, but for BOS and EOS.
    func parts(_ bad: (String) -> Failure) throws(Failure) -> Tokenizer.Parts {
        guard isGemma || !vocabulary.scores.isEmpty || !vocabulary.merges.isEmpty else {
            throw bad("no tokenizer.ggml.scores, by which the tokens of `llama` are merged")
        }
        guard vocabulary.scores.allSatisfy(\.isFinite) else {
            throw bad("tokenizer.ggml.scores has a score that is no number")
        }
        let (tokens, added) = spelledTokens()
        let index = TokenIndex(tokens)
        let rules: BytePairModel.Rules =
            vocabulary.merges.isEmpty
            ? .scores(
                ScoredMerges(
                    index, scores: isGemma ? [] : vocabulary.scores, ties: .longestLeft))
            : .table(
                try MergeTable(tokens: index, count: vocabulary.merges.count, bad) {
                    (rank, pair) throws(Failure) in
                    let (left, right) = try vocabulary.merge(rank, bad)
                    pair.left += left
                    pair.right += right
                })
        let addsSpace = vocabulary.addsSpacePrefix ?? !isGemma
        var parts = Tokenizer.Parts(
            index: index,
            model: .bytePair(
                BytePairModel(
                    units: .characters(byteTokens: index.namedByteTokens), rules: rules,
                    unknownID: vocabulary.unknownID, fusesUnknown: true)),
            preTokenizer: PreTokenizer(), addedTokens: added)
        if vocabulary.architecture == "phi3", addsSpace {
            parts.normalizer.steps = [
                .prepend(Self.space), .replace(.literal([UInt8(ascii: " ")]), Self.space),
            ]
        } else {
            parts.preTokenizer.steps = [
                .metaspace(Self.space, prefix: addsSpace ? .first : .never, splits: false)
            ]
        }
        parts.decoder = .sentencePiece(dropsSpace: addsSpace)
        parts.prefix =
            vocabulary.addsBOS ?? true ? [vocabulary.bosID].compactMap(\.self) : []
        return parts
    }

    /// The tokens as the merges need them, and those that are found in text as it stands.
    private func spelledTokens() -> (StringTable, [AddedToken]) {
        var tokens = vocabulary.tokens
        var respelled: Set<Int> = []
        if isGemma {
            // Runs of spaces are written as spaces, though merges make them of the character.
            let bytes = tokens.bytes
            for id in 0..<tokens.count where bytes[tokens.range(of: id)].isRunOfSpaces {
                respelled.insert(id)
            }
            var spelled = StringTable()
            spelled.reserveCapacity(tokens.count, byteCount: bytes.count + 3 * respelled.count)
            for id in 0..<tokens.count {
                if respelled.contains(id) {
                    spelled.append(tokens[id].flatMap { _ in Self.space })
                } else {
                    spelled.append(tokens[id])
                }
            }
            tokens = spelled
        }
        let special = Set(
            [vocabulary.bosID, vocabulary.eosID, vocabulary.unknownID, vocabulary.paddingID]
                .compactMap(\.self))
        var added: [AddedToken] = []
        for id in 0..<tokens.count {
            switch vocabulary.type(of: id) {
            case .control: break
            case .userDefined where !respelled.contains(id): break
            default: if !special.contains(Int32(id)) { continue }
            }
            added.append(AddedToken(id: Int32(id), content: Array(tokens[id])))
        }
        return (tokens, added)
    }
}

extension ArraySlice<UInt8> {
    /// Whether this is two or more spaces.
    fileprivate var isRunOfSpaces: Bool {
        first == UInt8(ascii: " ") && count > 1 && allSatisfy { $0 == UInt8(ascii: " ") }
    }
}

extension TokenDecoder {
    /// The decoder of SentencePiece's vocabularies; with `dropsSpace` for those that put a space
    /// before every text.
    static func sentencePiece(dropsSpace: Bool) -> TokenDecoder {
        let space = [UInt8(ascii: " ")]
        return TokenDecoder(
            steps: [.replace(SentencePieceGGUF.space, space), .bytes, .fuse]
                + (dropsSpace ? [.strip(space, start: 1, stop: 0)] : []))
    }
}
