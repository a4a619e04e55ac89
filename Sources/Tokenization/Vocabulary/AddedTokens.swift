/// A token that is found in the text as it stands, before any word is cut: `<|endoftext|>`.
struct AddedToken: Hashable, Sendable {
    /// The token's id.
    var id: Int32
    /// What it looks like in text.
    var content: [UInt8]
    /// Whether it is found only where no word character touches it.
    var singleWord = false
    /// Whether white space before it belongs to it.
    var stripsLeft = false
    /// Whether white space after it belongs to it.
    var stripsRight = false
    /// Whether it is looked for in normalised text, after the others.
    var isNormalized = false
}

/// Finds added tokens in text: of those that match, the leftmost, and of these the longest.
struct AddedTokens: Sendable {
    /// The tokens.
    let tokens: [AddedToken]
    private let index: TokenIndex
    /// The bytes that some token starts with.
    private let firstBytes: [Bool]

    /// A part of a text.
    enum Part: Hashable {
        /// An added token.
        case token(Int32)
        /// Text between added tokens, as a range of its bytes.
        case text(Range<Int>)
    }

    /// Those of `tokens` that have content.
    init(_ tokens: [AddedToken]) {
        self.tokens = tokens.filter { !$0.content.isEmpty }
        var contents = StringTable()
        var firstBytes = [Bool](repeating: false, count: 256)
        for token in self.tokens {
            contents.append(token.content)
            firstBytes[Int(token.content[0])] = true
        }
        index = TokenIndex(contents)
        self.firstBytes = firstBytes
    }

    /// The token that is exactly `content`.
    func token(_ content: [UInt8]) -> AddedToken? {
        index.id(of: content).map { tokens[Int($0)] }
    }

    /// Cuts `text` at the added tokens in it.
    func parts(of text: Span<UInt8>) -> [Part] {
        guard !tokens.isEmpty else { return text.isEmpty ? [] : [.text(0..<text.count)] }
        var parts: [Part] = []
        var textStart = 0
        var index = 0
        while index < text.count {
            guard let token = longestToken(in: text, at: index, limit: text.count) else {
                index += 1
                continue
            }
            var start = index
            var end = index + token.content.count
            index = end
            if token.singleWord, touchesWord(start..<end, in: text) { continue }
            if token.stripsLeft { start = max(textStart, startOfSpaces(before: start, in: text)) }
            if token.stripsRight { end = text.endOfRun(.space, from: end, limit: text.count) }
            if textStart < start { parts.append(.text(textStart..<start)) }
            parts.append(.token(token.id))
            textStart = end
            index = max(index, end)
        }
        if textStart < text.count { parts.append(.text(textStart..<text.count)) }
        return parts
    }

    /// The longest token that `text` has at `start`, ending no later than `limit`.
    func longestToken(in text: Span<UInt8>, at start: Int, limit: Int) -> AddedToken? {
        guard firstBytes[Int(text[start])] else { return nil }
        var found: Int32?
        index.forEachToken(in: text, at: start, limit: limit) { id, _ in found = id }
        return found.map { tokens[Int($0)] }
    }

    private func startOfSpaces(before end: Int, in text: Span<UInt8>) -> Int {
        var start = end
        while start > 0 {
            let previous = startOfScalar(before: start, in: text)
            if text.scalarClass(at: previous).kind != .space { break }
            start = previous
        }
        return start
    }

    private func startOfScalar(before end: Int, in text: Span<UInt8>) -> Int {
        var start = end - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    private func touchesWord(_ range: Range<Int>, in text: Span<UInt8>) -> Bool {
        if range.lowerBound > 0 {
            let previous = startOfScalar(before: range.lowerBound, in: text)
            if Self.isWordCharacter(text.scalar(at: previous).scalar) { return true }
        }
        return range.upperBound < text.count
            && Self.isWordCharacter(text.scalar(at: range.upperBound).scalar)
    }

    /// `\w`: letters, marks, decimal digits, letter numbers, connecting punctuation.
    private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isAlphabetic { return true }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber,
            .connectorPunctuation:
            true
        default: false
        }
    }
}
