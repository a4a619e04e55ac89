/// What SentencePiece replaces before it cuts text: a map from short texts to others, compiled into a
/// trie (`precompiled_charsmap`).
///
/// The trie is that of darts-clone: an array of 32-bit units. A unit says where the units of its
/// children start, each child's place being that xor its byte, and whether a text ends here, whose value
/// is then in the child of byte 0.
struct CharacterMap: Sendable {
    private let units: [UInt32]
    /// The texts that others become, each ended by a byte 0; a value is where one starts.
    private let texts: [UInt8]

    /// The map in `bytes`, `nil` where they are none: the trie's size in bytes, the trie, the texts.
    init?(_ bytes: [UInt8]) {
        func word(_ offset: Int) -> UInt32 {
            bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard bytes.count > 4 else { return nil }
        let size = Int(word(0))
        guard size > 0, size.isMultiple(of: 4), size <= bytes.count - 4 else { return nil }
        units = stride(from: 4, to: 4 + size, by: 4).map(word)
        texts = Array(bytes[(4 + size)...])
    }

    /// The texts of the map that `text` starts with at `start`, the shortest first: where each ends,
    /// and what it becomes.
    func matches(in text: Span<UInt8>, at start: Int, limit: Int) -> [(end: Int, value: Range<Int>)]
    {
        var matches: [(end: Int, value: Range<Int>)] = []
        var place = Self.offset(units[0])
        for index in start..<limit {
            place ^= Int(text[index])
            guard place < units.count else { break }
            let unit = units[place]
            // Only a leaf has the high bit, and no byte equals it.
            guard unit & 0x8000_00FF == UInt32(text[index]) else { break }
            place ^= Self.offset(unit)
            guard unit >> 8 & 1 == 1 else { continue }
            guard place < units.count, case let value = Int(units[place] & 0x7FFF_FFFF),
                value < texts.count
            else { break }
            let end = texts[value...].firstIndex(of: 0) ?? texts.count
            matches.append((index + 1, value..<end))
        }
        return matches
    }

    private static func offset(_ unit: UInt32) -> Int {
        Int(unit >> 10) << Int((unit & 1 << 9) >> 6)
    }

    /// `text` as the `tokenizers` library replaces it: by graphemes of less than six bytes, and where the
    /// map has none of those by characters; of several texts of the map the shortest holds, whatever
    /// comes after it. (SentencePiece takes the longest, wherever it ends.)
    func replacingGraphemes(in text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        let string = String(decoding: text, as: UTF8.self)
        for grapheme in string {
            let bytes = Array(grapheme.utf8)
            if bytes.count < 6, let value = firstValue(of: bytes[...]) {
                result += texts[value]
                continue
            }
            for scalar in grapheme.unicodeScalars {
                let bytes = Array(String(scalar).utf8)
                if let value = firstValue(of: bytes[...]) {
                    result += texts[value]
                } else {
                    result += bytes
                }
            }
        }
        return result
    }

    private func firstValue(of bytes: ArraySlice<UInt8>) -> Range<Int>? {
        matches(in: bytes.span, at: 0, limit: bytes.count).first?.value
    }

    /// The longest text of the map that `text` starts with at `start`: where it ends, and what it
    /// becomes.
    func longestMatch(in text: Span<UInt8>, at start: Int) -> (end: Int, text: ArraySlice<UInt8>)? {
        matches(in: text, at: start, limit: text.count).last.map { ($0.end, texts[$0.value]) }
    }
}
