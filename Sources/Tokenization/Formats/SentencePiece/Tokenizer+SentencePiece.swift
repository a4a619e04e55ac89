package import Basics
package import FoundationEssentials

extension Tokenizer {
    /// A tokenizer from the content of `tokenizer.model`, SentencePiece's own file, and, where there is
    /// one, of `tokenizer_config.json`. `source` names the file in errors.
    ///
    /// The ids of a text are those of `sentencepiece` itself. As in `transformers`, special and
    /// user-defined tokens are found in the text as it stands, nothing is put before text that comes after
    /// one, and BOS and EOS are put around a text only where the configuration says so.
    package convenience init(
        sentencePiece: Data, config: Data?, source: String = "tokenizer.model"
    ) throws(Failure) {
        func bad(_ what: String) -> Failure {
            Failure(.badData, "\(source): \(what)")
        }
        let builder = SentencePieceTokenizer(
            file: try SentencePieceFile(Array(sentencePiece), bad),
            configuration: try TokenizerConfiguration(config, bad), source: source)
        var parts = try builder.parts()
        if let config {
            parts.warnings += KnownKeys.warnings(configuration: config)
                .map { "tokenizer_config.json beside \(source): \($0)" }
        }
        try self.init(parts)
    }
}

/// Makes a tokenizer's parts of a SentencePiece model.
private struct SentencePieceTokenizer {
    let file: SentencePieceFile
    let configuration: TokenizerConfiguration
    let source: String

    private func bad(_ what: String) -> Failure { Failure(.badData, "\(source): \(what)") }

    func parts() throws(Failure) -> Tokenizer.Parts {
        guard file.scores.allSatisfy(\.isFinite) else {
            throw bad("it has a score that is no number")
        }
        guard file.types.indices.contains(Int(file.unknownID)),
            file.types[Int(file.unknownID)] == .unknown
        else { throw bad("piece \(file.unknownID), its unknown token, is none") }
        // Only what a text may be cut into is found in it.
        let hidden = file.types.indices.filter {
            ![.normal, .userDefined, .unused].contains(file.types[$0])
        }
        let index = TokenIndex(file.pieces, hiding: Set(hidden.map { Int32($0) }))
        let userDefined = tokens(of: [.userDefined])
        let addsSpace = configuration.add_prefix_space ?? file.addsSpace
        var normalizer = SentencePieceNormalizer(
            addsSpace: addsSpace, isSuffix: file.isSuffix,
            removesExtraSpaces: file.removesExtraSpaces, escapesSpaces: file.escapesSpaces,
            fixedTokens: AddedTokens(userDefined))
        if !file.map.isEmpty {
            guard let map = CharacterMap(file.map) else {
                throw bad("its `precompiled_charsmap` is damaged")
            }
            normalizer.map = map
        }
        var parts = Tokenizer.Parts(
            index: index, model: try model(index, AddedTokens(userDefined)),
            normalizer: Normalizer(steps: [.sentencePiece(normalizer)]),
            preTokenizer: PreTokenizer(), addedTokens: try addedTokens())
        parts.decoder = .sentencePiece(dropsSpace: addsSpace)
        func id(_ token: String?, _ other: Int32) -> Int32? {
            if let token {
                return parts.addedTokens.first { $0.content.elementsEqual(token.utf8) }?.id
            }
            return file.types.indices.contains(Int(other)) ? other : nil
        }
        parts.bosID = id(configuration.bos_token?.content, file.bosID)
        parts.eosID = id(configuration.eos_token?.content, file.eosID)
        if configuration.add_bos_token == true { parts.prefix = [parts.bosID].compactMap(\.self) }
        if configuration.add_eos_token == true { parts.suffix = [parts.eosID].compactMap(\.self) }
        parts.source = source
        return parts
    }

    private func tokens(of types: [SentencePieceFile.PieceType]) -> [AddedToken] {
        file.types.indices.filter { types.contains(file.types[$0]) }.map {
            AddedToken(id: Int32($0), content: Array(file.pieces[$0]))
        }
    }

    private func addedTokens() throws(Failure) -> [AddedToken] {
        // User-defined tokens are left to SentencePiece: the space that it puts before a text stays
        // before one that the text starts with.
        var added = tokens(of: [.control, .unknown])
        for (key, token) in configuration.added_tokens_decoder ?? [:] {
            guard let id = Int32(key), id >= 0 else {
                throw bad("tokenizer_config.json has an added token of the id `\(key)`")
            }
            guard Int(id) < file.types.count else {
                throw bad(
                    "tokenizer_config.json adds token \(id), beyond the model's"
                        + " \(file.types.count) pieces; save the tokenizer again, as tokenizer.json"
                )
            }
            if file.types[Int(id)] == .userDefined || added.contains(where: { $0.id == id }) {
                continue
            }
            added.append(
                AddedToken(
                    id: id, content: Array(token.content.utf8),
                    singleWord: token.single_word ?? false, stripsLeft: token.lstrip ?? false,
                    stripsRight: token.rstrip ?? false))
        }
        return added
    }

    private func model(
        _ index: TokenIndex, _ userDefined: AddedTokens
    ) throws(Failure) -> Tokenizer.Model {
        var byteTokens: [Int32] = []
        if file.fallsBackToBytes {
            byteTokens = [Int32](repeating: -1, count: 256)
            for id in file.types.indices where file.types[id] == .byte {
                guard let byte = TokenDecoder.byte(of: file.pieces[id]) else {
                    throw bad("piece \(id) is of the type byte and names none")
                }
                byteTokens[Int(byte)] = Int32(id)
            }
            guard byteTokens.allSatisfy({ $0 >= 0 }) else {
                throw bad("it falls back to bytes and has no piece for some")
            }
        }
        switch file.algorithm {
        case .bytePair:
            let isUnused = file.types.map { $0 == .unused }
            return .bytePair(
                BytePairModel(
                    units: .characters(byteTokens: byteTokens),
                    rules: .scores(
                        ScoredMerges(
                            index, scores: file.scores, ties: .leftmost,
                            isTemporary: isUnused.contains(true) ? isUnused : [])),
                    unknownID: file.unknownID, fusesUnknown: true,
                    fixedTokens: userDefined.tokens.isEmpty ? nil : userDefined))
        case .unigram:
            return .unigram(unigram(byteTokens))
        case .word, .character:
            throw bad(
                "its model type is \(file.algorithm == .word ? "word" : "char"); BPE and unigram are"
                    + " supported")
        }
    }

    private func unigram(_ byteTokens: [Int32]) -> UnigramModel {
        let normal = file.types.indices.filter { file.types[$0] == .normal }.map { file.scores[$0] }
        let least = normal.min() ?? 0
        let best = normal.max() ?? 0
        let scores = file.types.indices.map { id in
            switch file.types[id] {
            case .normal: Double(file.scores[id])
            // So that it is always taken.
            case .userDefined: Double(Float(file.pieces[id].count) * best) - 0.1
            default: Double.nan
            }
        }
        return UnigramModel(
            scores: scores,
            unknownScore: Double(least - Float(UnigramModel.unknownPenalty)),
            unknownID: file.unknownID, byteTokens: byteTokens, roundsSums: true)
    }
}
