package import Basics
package import FoundationEssentials

extension Tokenizer {
    /// A tokenizer from the content of `tokenizer.json` and, where there is one, of
    /// `tokenizer_config.json`. `source` names the file in errors.
    package convenience init(
        tokenizerJSON: Data, config: Data?, source: String = "tokenizer.json"
    ) throws(Failure) {
        func bad(_ what: String) -> Failure {
            Failure(.badData, "\(source): \(what)")
        }
        let tables: JSONTables
        do {
            tables = try JSONTables(Array(tokenizerJSON))
        } catch {
            throw bad("not a tokenizer.json: \(error.description)")
        }
        let document: TokenizerDocument
        let configuration: TokenizerConfiguration?
        do {
            let decoder = JSONDecoder()
            document = try decoder.decode(TokenizerDocument.self, from: Data(tables.skeleton))
            configuration = try config.map {
                try decoder.decode(TokenizerConfiguration.self, from: $0)
            }
        } catch {
            throw bad("not a tokenizer this tool knows: \(error)")
        }
        try self.init(
            Self.parts(of: document, tables, configuration, bad))
    }

    /// The tokenizer of the Hugging Face folder at `path`: its `tokenizer.json`, with
    /// `tokenizer_config.json` where there is one. `nil` where the folder has no `tokenizer.json`.
    package static func load(folder path: String) throws(Failure) -> Tokenizer? {
        let file = path + "/tokenizer.json"
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        guard let json = FileManager.default.contents(atPath: file) else {
            throw Failure(.missingInput, "\(file): can't be read")
        }
        let config = FileManager.default.contents(atPath: path + "/tokenizer_config.json")
        return try Tokenizer(tokenizerJSON: json, config: config, source: file)
    }

    private static func parts(
        of document: TokenizerDocument, _ tables: JSONTables,
        _ configuration: TokenizerConfiguration?, _ bad: (String) -> Failure
    ) throws(Failure) -> Parts {
        let model = document.model
        guard model.type ?? "BPE" == "BPE" else {
            throw bad("its model is `\(model.type ?? "")`; only byte-level BPE is supported")
        }
        for affix in [model.continuing_subword_prefix, model.end_of_word_suffix] {
            if let affix, !affix.isEmpty {
                throw bad("its tokens carry the affix `\(affix)`: not byte-level BPE")
            }
        }
        if model.byte_fallback == true {
            throw bad("it falls back to bytes: not byte-level BPE, the only kind supported")
        }
        let index = try TokenIndex(tables, document.added_tokens ?? [], bad)
        let merges = try MergeTable(
            tokens: index, count: tables.merges.count / 2, bad
        ) { (rank, pair) in
            ByteAlphabet.decode(tables.merges[2 * rank], into: &pair.left)
            ByteAlphabet.decode(tables.merges[2 * rank + 1], into: &pair.right)
        }
        func id(_ token: String?) -> Int32? { token.flatMap { index.id(of: Array($0.utf8)) } }
        var parts = Parts(
            index: index,
            model: .bytePair(
                BytePairModel(
                    units: .bytes(index.byteTokens), rules: .table(merges),
                    ignoresMerges: model.ignore_merges ?? false, unknownID: id(model.unk_token),
                    fusesUnknown: model.fuse_unk ?? false)),
            preTokenizer: try PreTokenizer(document.pre_tokenizer, bad),
            addedTokens: (document.added_tokens ?? []).map { token in
                AddedToken(
                    id: token.id, content: Array(token.content.utf8),
                    singleWord: token.single_word ?? false, stripsLeft: token.lstrip ?? false,
                    stripsRight: token.rstrip ?? false, isNormalized: token.normalized ?? false)
            })
        if let normalizer = document.normalizer, try isNormalFormC(normalizer, bad) {
            parts.normalizer.steps = [.form(.c)]
        }
        // As in `transformers` 5, the template decides what is put before a text wherever there is
        // a tokenizer.json; `add_bos_token` in the configuration is for tokenizers without one.
        try parts.setTemplate(document.post_processor, bad)
        parts.bosID = id(configuration?.bos_token?.content) ?? parts.prefix.first
        parts.eosID = id(configuration?.eos_token?.content)
        return parts
    }

    /// Whether `component` is normal form C; throws where it is something else than that or
    /// nothing.
    private static func isNormalFormC(
        _ component: TokenizerDocument.Component, _ bad: (String) -> Failure
    ) throws(Failure) -> Bool {
        switch component.type {
        case "NFC":
            return true
        case "Sequence":
            var found = false
            for part in component.normalizers ?? [] {
                found = try isNormalFormC(part, bad) || found
            }
            return found
        default:
            throw bad("its normalizer `\(component.type)` is not supported")
        }
    }
}

extension Tokenizer.Parts {
    /// Takes what a post-processor puts before and after a text.
    fileprivate mutating func setTemplate(
        _ component: TokenizerDocument.Component?, _ bad: (String) -> Failure
    ) throws(Failure) {
        guard let component else { return }
        switch component.type {
        case "ByteLevel":
            break  // it only trims offsets
        case "Sequence":
            for part in component.processors ?? [] { try setTemplate(part, bad) }
        case "TemplateProcessing":
            var isAfterText = false
            for piece in component.single ?? [] {
                guard let name = piece.SpecialToken?.id else {
                    isAfterText = true
                    continue
                }
                guard let ids = component.special_tokens?[name]?.ids,
                    ids.allSatisfy({ $0 >= 0 && Int($0) < index.tokens.count })
                else { throw bad("its template names `\(name)`, which is no token") }
                if isAfterText { suffix += ids } else { prefix += ids }
            }
        default:
            throw bad("its post-processor `\(component.type)` is not supported")
        }
    }
}

extension TokenIndex {
    /// The tokens of a `tokenizer.json`: its vocabulary and its added tokens, by id.
    fileprivate init(
        _ tables: JSONTables, _ added: [TokenizerDocument.Token],
        _ bad: (String) -> Failure
    ) throws(Failure) {
        let largest = max(tables.ids.max() ?? -1, added.map(\.id).max() ?? -1)
        guard largest >= 0 else { throw bad("its vocabulary is empty") }
        // Ids name the rows of a model's embedding: gaps are a few, never most of them.
        guard largest < 4 * (tables.ids.count + added.count) + 65_536 else {
            throw bad("token id \(largest) is far beyond its \(tables.ids.count) tokens")
        }
        var slots = [Int32](repeating: -1, count: Int(largest) + 1)
        for (slot, id) in tables.ids.enumerated() { slots[Int(id)] = Int32(slot) }
        for (slot, token) in added.enumerated() {
            guard token.id >= 0 else {
                throw bad("added token `\(token.content)` has a negative id")
            }
            slots[Int(token.id)] = Int32(tables.ids.count + slot)
        }
        var tokens = StringTable()
        tokens.reserveCapacity(slots.count, byteCount: tables.tokens.bytes.count)
        var bytes: [UInt8] = []
        for slot in slots.map({ Int($0) }) {
            bytes.removeAll(keepingCapacity: true)
            if slot >= tables.ids.count {
                bytes += added[slot - tables.ids.count].content.utf8
            } else if slot >= 0 {
                ByteAlphabet.decode(tables.tokens[slot], into: &bytes)
            }
            tokens.append(bytes)
        }
        self.init(tokens)
    }
}
