/// Finds the id of a token by its bytes: an open-addressed hash table over packed tokens.
struct TokenIndex: Sendable {
    /// Every token's bytes, by id; ids that no token has are empty.
    let tokens: StringTable
    /// Ids, or -1 in an empty slot; a power of two slots, at most half of them taken.
    private var slots: [Int32]

    /// An index of `tokens`, an empty one being no token. Of equal tokens the first is found.
    init(_ tokens: StringTable) {
        self.tokens = tokens
        var capacity = 16
        while capacity < tokens.count * 2 { capacity *= 2 }
        var slots = [Int32](repeating: -1, count: capacity)
        let bytes = tokens.bytes.span
        for id in 0..<tokens.count {
            let range = tokens.range(of: id)
            if range.isEmpty { continue }
            var slot = Self.hash(bytes, range) & (capacity - 1)
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
        let bytes = tokens.bytes.span
        var slot = Self.hash(text, range) & (slots.count - 1)
        while slots[slot] >= 0 {
            if Self.equal(bytes, tokens.range(of: Int(slots[slot])), text, range) {
                return slots[slot]
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The id of the token that is all of `text`.
    func id(of text: [UInt8]) -> Int32? { id(of: text.span, 0..<text.count) }

    /// FNV-1a with a final mix, so that the low bits depend on every byte.
    private static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range {
            hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
        }
        hash ^= hash >> 32
        return Int(truncatingIfNeeded: hash &* 0x9E37_79B9_7F4A_7C15 >> 20)
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
