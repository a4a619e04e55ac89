/// Finds the id of a token by its bytes: an open-addressed hash table over packed tokens.
struct TokenIndex: Sendable {
    /// Every token's bytes, by id; ids that no token has are empty.
    let tokens: StringTable
    /// The length in bytes of the longest token that is found.
    private(set) var longest = 0
    /// Ids, or -1 in an empty slot; a power of two slots, at most half of them taken.
    private var slots: [Int32]

    /// An index of `tokens`, an empty one being no token. Of equal tokens the first is found;
    /// those in `hidden` aren't found at all.
    init(_ tokens: StringTable, hiding hidden: Set<Int32> = []) {
        self.tokens = tokens
        var capacity = 16
        while capacity < tokens.count * 2 { capacity *= 2 }
        var slots = [Int32](repeating: -1, count: capacity)
        let bytes = tokens.bytes.span
        for id in 0..<tokens.count {
            let range = tokens.range(of: id)
            if range.isEmpty || !hidden.isEmpty && hidden.contains(Int32(id)) { continue }
            longest = max(longest, range.count)
            var hash = TokenHash()
            hash.add(bytes, range)
            var slot = hash.slot & (capacity - 1)
            while slots[slot] >= 0 {
                if Self.equal(bytes, tokens.range(of: Int(slots[slot])), bytes, range) { break }
                slot = (slot + 1) & (capacity - 1)
            }
            if slots[slot] < 0 { slots[slot] = Int32(id) }
        }
        self.slots = slots
    }

    /// The id of the token that is `range` of `text`.
    func id(of text: Span<UInt8>, _ range: Range<Int>) -> Int32? {
        var hash = TokenHash()
        hash.add(text, range)
        return id(of: text, range, hash)
    }

    /// The id of the token that is all of `text`.
    func id(of text: [UInt8]) -> Int32? { id(of: text.span, 0..<text.count) }

    /// The id of the token that is the tokens `left` and `right` one after the other.
    func id(joining left: Int32, _ right: Int32) -> Int32? {
        let bytes = tokens.bytes.span
        let left = tokens.range(of: Int(left))
        let right = tokens.range(of: Int(right))
        let count = left.count + right.count
        if count > longest { return nil }
        var hash = TokenHash()
        hash.add(bytes, left)
        hash.add(bytes, right)
        var slot = hash.slot & (slots.count - 1)
        while slots[slot] >= 0 {
            let range = tokens.range(of: Int(slots[slot]))
            if range.count == count {
                let border = range.lowerBound + left.count
                if Self.equal(bytes, range.lowerBound..<border, bytes, left),
                    Self.equal(bytes, border..<range.upperBound, bytes, right)
                {
                    return slots[slot]
                }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Calls `body` with each token that `text` has at `start`, the shortest first, and where it
    /// ends; none ends beyond `limit` or inside a character.
    func forEachToken(
        in text: Span<UInt8>, at start: Int, limit: Int, _ body: (Int32, Int) -> Void
    ) {
        var hash = TokenHash()
        for index in start..<min(limit, start + longest) {
            hash.add(text[index])
            let end = index + 1
            if end < text.count, text[end] & 0xC0 == 0x80 { continue }
            if let id = id(of: text, start..<end, hash) { body(id, end) }
        }
    }

    private func id(of text: Span<UInt8>, _ range: Range<Int>, _ hash: TokenHash) -> Int32? {
        let bytes = tokens.bytes.span
        var slot = hash.slot & (slots.count - 1)
        while slots[slot] >= 0 {
            if Self.equal(bytes, tokens.range(of: Int(slots[slot])), text, range) {
                return slots[slot]
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private static func equal(
        _ first: Span<UInt8>, _ firstRange: Range<Int>, _ second: Span<UInt8>,
        _ secondRange: Range<Int>
    ) -> Bool {
        guard firstRange.count == secondRange.count else { return false }
        for offset in 0..<firstRange.count
        where first[firstRange.lowerBound + offset] != second[secondRange.lowerBound + offset] {
            return false
        }
        return true
    }
}

/// FNV-1a of bytes added one after the other, with a final mix, so that the low bits of the slot
/// depend on every byte.
private struct TokenHash {
    private var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

    mutating func add(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range { add(bytes[index]) }
    }

    var slot: Int {
        Int(truncatingIfNeeded: (value ^ value >> 32) &* 0x9E37_79B9_7F4A_7C15 >> 20)
    }
}
