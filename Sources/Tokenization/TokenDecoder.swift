/// How tokens become text again: the steps of a `tokenizers` decoder, one after the other.
struct TokenDecoder: Sendable {
    /// One step. Each gets the tokens as the step before it left them.
    enum Step: Sendable {
        /// Replaces a text within each token.
        case replace([UInt8], [UInt8])
        /// Makes bytes of tokens such as `<0x0A>`, and characters of neighbouring ones; U+FFFD for
        /// each where they aren't UTF-8.
        case bytes
        /// Joins all tokens.
        case fuse
        /// Takes up to so many of a character from the start and from the end of each token.
        case strip([UInt8], start: Int, stop: Int)
        /// Makes spaces of a character; left out of the first token where `dropsFirst`.
        case spaces([UInt8], dropsFirst: Bool)
    }

    /// The steps; none where the tokens are the bytes of the text.
    var steps: [Step] = []
    /// What stands between tokens: a space where tokens are words, as `tokenizers` has it for a
    /// tokenizer without a decoder.
    var separator: [UInt8] = []

    /// The text of `tokens`; `isWhole` where it is one of its own, whose first space may go.
    func text(of tokens: [ArraySlice<UInt8>], isWhole: Bool = true) -> String {
        if steps.isEmpty {
            return String(decoding: Array(tokens.joined(separator: separator)), as: UTF8.self)
        }
        var tokens = tokens.map { Array($0) }
        for step in steps { tokens = Self.apply(step, to: tokens, isWhole: isWhole) }
        return String(decoding: Array(tokens.joined()), as: UTF8.self)
    }

    /// How the vocabulary writes `text`: with its own character for spaces.
    func spelling(of text: [UInt8]) -> [UInt8] {
        var spelling = text
        for step in steps {
            switch step {
            case .replace(let character, [UInt8(ascii: " ")]), .spaces(let character, _):
                spelling = spelling.replacing([UInt8(ascii: " ")], with: character)
            default: break
            }
        }
        return spelling
    }

    private static func apply(_ step: Step, to tokens: [[UInt8]], isWhole: Bool) -> [[UInt8]] {
        switch step {
        case .replace(let old, let new):
            return old.isEmpty ? tokens : tokens.map { $0.replacing(old, with: new) }
        case .bytes: return joiningBytes(tokens)
        case .fuse: return [Array(tokens.joined())]
        case .strip(let character, let start, let stop):
            guard isWhole, !character.isEmpty else { return tokens }
            return tokens.map { token in
                var rest = token[...]
                for _ in 0..<start where rest.starts(with: character) {
                    rest = rest.dropFirst(character.count)
                }
                for _ in 0..<stop where rest.suffix(character.count).elementsEqual(character) {
                    rest = rest.dropLast(character.count)
                }
                return Array(rest)
            }
        case .spaces(let character, let dropsFirst):
            return tokens.enumerated().map { place, token in
                token.replacing(
                    character,
                    with: isWhole && dropsFirst && place == 0 ? [] : [UInt8(ascii: " ")])
            }
        }
    }

    private static func joiningBytes(_ tokens: [[UInt8]]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var bytes: [UInt8] = []
        func flush() {
            guard !bytes.isEmpty else { return }
            let isText = String(validating: bytes, as: UTF8.self) != nil
            result += isText ? [bytes] : bytes.map { _ in Array("\u{FFFD}".utf8) }
            bytes.removeAll()
        }
        for token in tokens {
            if let byte = byte(of: token[...]) {
                bytes.append(byte)
            } else {
                flush()
                result.append(token)
            }
        }
        flush()
        return result
    }

    /// The byte that a token such as `<0x0A>` stands for.
    static func byte(of token: ArraySlice<UInt8>) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token.last == UInt8(ascii: ">")
        else { return nil }
        return UInt8(String(decoding: token.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
    }
}
