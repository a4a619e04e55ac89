/// What SentencePiece does to text before it cuts it, step by step as `sentencepiece`'s own normalizer
/// (`NormalizerSpec`).
struct SentencePieceNormalizer: Sendable {
    /// What is replaced, where the model says so.
    var map: CharacterMap?
    /// Whether a space is put before a text, or after it where `isSuffix`.
    var addsSpace = true
    /// Whether spaces belong to the word before them.
    var isSuffix = false
    /// Whether spaces at the start and at the end go, and of several in a row all but one.
    var removesExtraSpaces = true
    /// Whether `▁` stands for a space.
    var escapesSpaces = true
    /// User-defined tokens, which stay as they are.
    var fixedTokens = AddedTokens([])

    /// `text`, UTF-8, normalised; no space is put before text that goes on from another.
    func normalized(_ text: [UInt8], at start: TextStart) -> [UInt8] {
        var index = 0
        if removesExtraSpaces {
            while index < text.count {
                let (end, replacement) = next(in: text, at: index)
                guard replacement.elementsEqual([UInt8(ascii: " ")]) else { break }
                index = end
            }
        }
        if index == text.count { return [] }
        let space = escapesSpaces ? SentencePieceGGUF.space : [UInt8(ascii: " ")]
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 2)
        if addsSpace, !isSuffix, start != .withinText { result += space }
        // Spaces that a text goes on with follow a word: one of them stays.
        var isAfterSpace = removesExtraSpaces
        if start == .withinText, index > 0 { result += space }
        while index < text.count {
            var (end, replacement) = next(in: text, at: index)
            while isAfterSpace, replacement.first == UInt8(ascii: " ") {
                replacement = replacement.dropFirst()
            }
            for byte in replacement {
                if byte == UInt8(ascii: " ") { result += space } else { result.append(byte) }
            }
            if let last = replacement.last { isAfterSpace = last == UInt8(ascii: " ") }
            if !removesExtraSpaces { isAfterSpace = false }
            index = end
        }
        if removesExtraSpaces {
            while result.suffix(space.count).elementsEqual(space) { result.removeLast(space.count) }
        }
        if addsSpace, isSuffix { result += space }
        return result
    }

    /// Where the next part of `text` ends that is replaced as one, and what it becomes.
    private func next(
        in text: [UInt8], at start: Int
    ) -> (end: Int, replacement: ArraySlice<UInt8>) {
        if let token = fixedTokens.longestToken(in: text.span, at: start, limit: text.count) {
            return (start + token.content.count, token.content[...])
        }
        if let match = map?.longestMatch(in: text.span, at: start) {
            return (match.end, match.text)
        }
        let end = text.span.scalar(at: start).end
        return (end, text[start..<end])
    }
}
