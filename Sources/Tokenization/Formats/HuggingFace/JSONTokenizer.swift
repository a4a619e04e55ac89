import Basics

/// Makes a tokenizer's parts of what a `tokenizer.json` and its `tokenizer_config.json` say.
///
/// Where the two differ, `tokenizer.json` holds, but for what
/// ``TokenizerConfiguration/overruledPrefixSpace`` is about: as in `transformers` 5, BOS is put before a
/// text by the template, and `add_bos_token` is for tokenizers without a `tokenizer.json`.
struct JSONTokenizer {
    let document: TokenizerDocument
    let tables: JSONTables
    let configuration: TokenizerConfiguration
    /// The file, for errors.
    let source: String

    func bad(_ what: String) -> Failure { Failure(.badData, "\(source): \(what)") }

    /// The parts.
    func parts() throws(Failure) -> Tokenizer.Parts {
        var isByteLevel = false
        var preTokenizer = try PreTokenizer(
            document.pre_tokenizer, place: source, isByteLevel: &isByteLevel, bad)
        if isByteLevel, let addsSpace = configuration.overruledPrefixSpace {
            preTokenizer.setPrefixSpace(addsSpace)
        }
        var added = try addedTokens()
        let index = try TokenIndex(tables, added, isByteLevel: isByteLevel, bad)
        let warnings = takeIDs(ofVocabulary: index, isByteLevel: isByteLevel, for: &added)
        func id(_ token: String?) -> Int32? {
            guard let token else { return nil }
            return added.first { $0.content.elementsEqual(token.utf8) }?.id
                ?? index.id(of: Array(token.utf8))
        }
        var parts = Tokenizer.Parts(
            index: index, model: try model(index, isByteLevel: isByteLevel, id),
            normalizer: try Normalizer(document.normalizer, place: source, bad),
            preTokenizer: preTokenizer, addedTokens: added, warnings: warnings)
        if !isByteLevel {
            parts.decoder = try TokenDecoder(document.decoder, bad)
        } else if let type = document.decoder?.type, type != "ByteLevel" {
            parts.warnings.append(
                "\(source): its decoder `\(type)` is left out of account; tokens are shown as the"
                    + " bytes they stand for")
        }
        try setTemplate(document.post_processor, of: &parts)
        parts.bosID = id(configuration.bos_token?.content) ?? parts.prefix.first
        parts.eosID = id(configuration.eos_token?.content)
        parts.source = source
        return parts
    }

    // MARK: - The model

    private func model(
        _ index: TokenIndex, isByteLevel: Bool, _ id: (String?) -> Int32?
    ) throws(Failure) -> Tokenizer.Model {
        let model = document.model
        switch model.type ?? (tables.scores.isEmpty ? "BPE" : "Unigram") {
        case "BPE": return .bytePair(try bytePair(index, isByteLevel: isByteLevel, id))
        case "Unigram":
            guard !isByteLevel else {
                throw bad(
                    "its model `Unigram` has the pre-tokenizer `ByteLevel`, which isn't supported")
            }
            return .unigram(try unigram(index))
        case let type:
            throw bad("its model `\(type)` is not supported; `BPE` and `Unigram` are")
        }
    }

    private func bytePair(
        _ index: TokenIndex, isByteLevel: Bool, _ id: (String?) -> Int32?
    ) throws(Failure) -> BytePairModel {
        let model = document.model
        for affix in [model.continuing_subword_prefix, model.end_of_word_suffix] {
            if let affix, !affix.isEmpty {
                throw bad("its tokens carry the affix `\(affix)`, which is not supported")
            }
        }
        if let dropout = model.dropout, dropout > 0 {
            throw bad(
                "it leaves out merges at random (`dropout` \(dropout)), so that no text has ids of its"
                    + " own; set it to null")
        }
        let merges = try MergeTable(
            tokens: index, count: tables.merges.count / 2, bad
        ) { (rank, pair) in
            let (left, right) = (tables.merges[2 * rank], tables.merges[2 * rank + 1])
            if isByteLevel {
                ByteAlphabet.decode(left, into: &pair.left)
                ByteAlphabet.decode(right, into: &pair.right)
            } else {
                pair.left += left
                pair.right += right
            }
        }
        let falls = model.byte_fallback ?? false
        let units: BytePairModel.Units
        if isByteLevel {
            let bytes = index.byteTokens
            if falls, bytes.contains(where: { $0 < 0 }) {
                throw bad(
                    "it falls back to bytes and has no token for some, with the pre-tokenizer"
                        + " `ByteLevel`, which isn't supported")
            }
            units = .bytes(bytes)
        } else {
            units = .characters(byteTokens: falls ? index.namedByteTokens : [])
        }
        return BytePairModel(
            units: units, rules: .table(merges), ignoresMerges: model.ignore_merges ?? false,
            unknownID: id(model.unk_token), fusesUnknown: model.fuse_unk ?? false)
    }

    private func unigram(_ index: TokenIndex) throws(Failure) -> UnigramModel {
        guard tables.scores.count == tables.ids.count, let least = tables.scores.min(),
            tables.scores.allSatisfy(\.isFinite)
        else { throw bad("its `Unigram` tokens need a score each") }
        var scores = [Double](repeating: .nan, count: index.tokens.count)
        for (slot, id) in tables.ids.enumerated() { scores[Int(id)] = tables.scores[slot] }
        if let unknown = document.model.unk_id,
            unknown < 0 || Int(unknown) >= tables.ids.count
        {
            throw bad("its `unk_id` \(unknown) is not in the vocabulary")
        }
        return UnigramModel(
            scores: scores, unknownScore: least - UnigramModel.unknownPenalty,
            unknownID: document.model.unk_id,
            byteTokens: document.model.byte_fallback == true ? index.namedByteTokens : [])
    }
}

extension TokenIndex {
    /// The tokens of a `tokenizer.json`: its vocabulary and its added tokens, by id. Words are made of
    /// the former only.
    fileprivate init(
        _ tables: JSONTables, _ added: [AddedToken], isByteLevel: Bool, _ bad: (String) -> Failure
    ) throws(Failure) {
        let largest = max(tables.ids.max() ?? -1, added.map(\.id).max() ?? -1)
        guard largest >= 0 else { throw bad("its vocabulary is empty") }
        // Ids name the rows of a model's embedding: gaps are a few, never most of them.
        guard largest < 4 * (tables.ids.count + added.count) + 65_536 else {
            throw bad("token id \(largest) is far beyond its \(tables.ids.count) tokens")
        }
        var slots = [Int32](repeating: -1, count: Int(largest) + 1)
        for (slot, id) in tables.ids.enumerated() { slots[Int(id)] = Int32(slot) }
        var hidden: Set<Int32> = []
        for (slot, token) in added.enumerated() {
            if slots[Int(token.id)] < 0 { hidden.insert(token.id) }
            slots[Int(token.id)] = Int32(tables.ids.count + slot)
        }
        var tokens = StringTable()
        tokens.reserveCapacity(slots.count, byteCount: tables.tokens.bytes.count)
        var bytes: [UInt8] = []
        for slot in slots.map({ Int($0) }) {
            bytes.removeAll(keepingCapacity: true)
            if slot >= tables.ids.count {
                bytes += added[slot - tables.ids.count].content
            } else if slot >= 0, isByteLevel {
                ByteAlphabet.decode(tables.tokens[slot], into: &bytes)
            } else if slot >= 0 {
                bytes += tables.tokens[slot]
            }
            tokens.append(bytes)
        }
        self.init(tokens, hiding: hidden)
    }
}

extension PreTokenizer {
    /// Puts a space before each text, or not, whatever the rules say.
    fileprivate mutating func setPrefixSpace(_ adds: Bool) {
        var hasOne = false
        steps.removeAll { step in
            guard case .prefixSpace = step else { return false }
            defer { hasOne = true }
            return !adds || hasOne
        }
        if adds, !hasOne { steps.insert(.prefixSpace, at: 0) }
    }
}
