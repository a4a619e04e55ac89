import Basics

extension JSONTokenizer {
    /// The added tokens of `tokenizer.json`, and those that only the configuration has.
    func addedTokens() throws(Failure) -> [AddedToken] {
        var added: [AddedToken] = []
        var places: [Int32: Int] = [:]
        for token in document.added_tokens ?? [] {
            guard token.id >= 0 else {
                throw bad("added token `\(token.content)` has a negative id")
            }
            places[token.id] = added.count
            added.append(
                AddedToken(
                    id: token.id, content: Array(token.content.utf8),
                    singleWord: token.single_word ?? false, stripsLeft: token.lstrip ?? false,
                    stripsRight: token.rstrip ?? false, isNormalized: token.normalized ?? false))
        }
        for (key, token) in configuration.added_tokens_decoder ?? [:] {
            guard let id = Int32(key), id >= 0 else {
                throw bad("tokenizer_config.json has an added token of the id `\(key)`")
            }
            let token = AddedToken(
                id: id, content: Array(token.content.utf8), singleWord: token.single_word ?? false,
                stripsLeft: token.lstrip ?? false, stripsRight: token.rstrip ?? false,
                isNormalized: token.normalized ?? false)
            if let place = places[id] {
                guard added[place].content == token.content else {
                    throw bad(
                        "added token \(id) is `\(String(decoding: added[place].content, as: UTF8.self))`"
                            + ", and `\(String(decoding: token.content, as: UTF8.self))` in"
                            + " tokenizer_config.json")
                }
                added[place] = token
            } else {
                places[id] = added.count
                added.append(token)
            }
        }
        return added
    }

    /// Gives added tokens that the vocabulary has too the ids they have there, as `tokenizers` does; what
    /// that changes is returned, a line each.
    func takeIDs(
        ofVocabulary index: TokenIndex, isByteLevel: Bool, for added: inout [AddedToken]
    ) -> [String] {
        var warnings: [String] = []
        for place in added.indices {
            var spelling = added[place].content
            if isByteLevel {
                spelling = []
                ByteAlphabet.decode(added[place].content[...], into: &spelling)
            }
            guard let id = index.id(of: spelling), id != added[place].id else { continue }
            let text = String(decoding: added[place].content, as: UTF8.self)
            warnings.append(
                "\(source): added token `\(text)` has the id \(added[place].id), and \(id) in the"
                    + " vocabulary, which holds")
            added[place].id = id
        }
        return warnings
    }

    /// Takes what a post-processor puts before and after a text.
    func setTemplate(
        _ component: TokenizerDocument.Component?, of parts: inout Tokenizer.Parts
    ) throws(Failure) {
        guard let component else { return }
        switch component.type {
        case "ByteLevel":
            break  // it only trims offsets
        case "Sequence":
            for part in component.processors ?? [] { try setTemplate(part, of: &parts) }
        case "TemplateProcessing":
            var isAfterText = false
            for piece in component.single ?? [] {
                guard let name = piece.SpecialToken?.id else {
                    isAfterText = true
                    continue
                }
                guard let ids = component.special_tokens?[name]?.ids,
                    ids.allSatisfy({ $0 >= 0 && Int($0) < parts.index.tokens.count })
                else { throw bad("its template names `\(name)`, which is no token") }
                if isAfterText { parts.suffix += ids } else { parts.prefix += ids }
            }
        default:
            throw bad("its post-processor `\(component.type)` is not supported")
        }
    }
}
