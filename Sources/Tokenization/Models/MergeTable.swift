/// Merges that a file lists, the first one first: an open-addressed hash table.
struct MergeTable: MergeRules, Sendable {
    private static let empty = UInt64.max
    private var keys: [UInt64]
    private var values: [UInt64]

    /// A table with room for `count` merges.
    init(capacity count: Int) {
        var capacity = 16
        while capacity < count * 2 { capacity *= 2 }
        keys = [UInt64](repeating: Self.empty, count: capacity)
        values = [UInt64](repeating: 0, count: capacity)
    }

    /// Records that `left` and `right` merge into `result` with `rank`; of two merges of the same
    /// tokens the later one holds. Never called more often than the table has room for.
    mutating func insert(left: Int32, right: Int32, rank: UInt32, result: Int32) {
        let key = Self.key(left, right)
        var slot = Self.hash(key) & (keys.count - 1)
        while keys[slot] != Self.empty, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
        keys[slot] = key
        values[slot] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: result))
    }

    /// The merge of `left` and `right`, if they have one.
    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        let key = Self.key(left, right)
        var slot = Self.hash(key) & (keys.count - 1)
        while keys[slot] != Self.empty {
            if keys[slot] == key {
                let value = values[slot]
                return Merge(
                    rank: value >> 32,
                    result: Int32(truncatingIfNeeded: value))
            }
            slot = (slot + 1) & (keys.count - 1)
        }
        return nil
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private static func hash(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15 >> 24)
    }
}
