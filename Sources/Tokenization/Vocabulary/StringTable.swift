/// Many short UTF-8 strings packed into one buffer.
///
/// A vocabulary has tens of thousands of tokens and as many merges; one allocation for all of them
/// loads an order of magnitude faster than an array of `String`, and no byte is ever interpreted
/// as part of a grapheme.
package struct StringTable: Hashable, Sendable {
    /// The strings' UTF-8 bytes, one after the other.
    package private(set) var bytes: [UInt8] = []
    /// Where each string ends in ``bytes``; a string starts where the one before it ends.
    package private(set) var ends: [Int] = []

    /// An empty table.
    package init() {}

    /// A table of `strings`, in their order.
    package init(_ strings: some Sequence<String>) {
        for string in strings { append(string.utf8) }
    }

    /// The number of strings.
    package var count: Int { ends.count }

    /// Whether the table holds no string.
    package var isEmpty: Bool { ends.isEmpty }

    /// Makes room for `count` strings of `byteCount` bytes together.
    package mutating func reserveCapacity(_ count: Int, byteCount: Int) {
        ends.reserveCapacity(count)
        bytes.reserveCapacity(byteCount)
    }

    /// Adds a string, given as its UTF-8 bytes, at the end.
    package mutating func append(_ string: some Sequence<UInt8>) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    /// Adds a string that lies elsewhere, such as in a mapped file, at the end.
    package mutating func append(_ string: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    /// The range of ``bytes`` that string `index` takes.
    package func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// The UTF-8 bytes of string `index`.
    package subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(of: index)] }

    /// String `index` as text; bytes that aren't UTF-8 become U+FFFD.
    package func string(at index: Int) -> String { String(decoding: self[index], as: UTF8.self) }
}
