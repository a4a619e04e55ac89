import Basics

/// Reads little-endian numbers and strings one after the other, never past the end.
struct GGUFCursor {
    /// The file, for errors.
    let path: String
    /// What is read.
    let bytes: UnsafeRawBufferPointer
    /// Where the next value starts.
    private(set) var offset = 0

    init(path: String, bytes: UnsafeRawBufferPointer, offset: Int = 0) {
        self.path = path
        self.bytes = bytes
        self.offset = offset
    }

    /// Passes over `count` bytes, and says where they lie.
    mutating func skip(_ count: UInt64) throws(Failure) -> Range<Int> {
        guard count <= UInt64(bytes.count - offset) else {
            throw Failure(
                .badData,
                "\(path): cut off: the header goes on past its \(bytes.count) bytes; "
                    + "get the file again")
        }
        defer { offset += Int(count) }
        return offset..<offset + Int(count)
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(Failure) -> T {
        let range = try skip(UInt64(MemoryLayout<T>.size))
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self))
    }

    /// Where the bytes of the next string lie.
    mutating func stringRange() throws(Failure) -> Range<Int> { try skip(integer()) }

    mutating func string() throws(Failure) -> String {
        String(decoding: bytes[try stringRange()], as: UTF8.self)
    }
}
