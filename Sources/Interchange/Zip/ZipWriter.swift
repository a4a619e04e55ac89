import Basics
import CZlib

/// Writes a zip file whose members lie in it as they are, as NumPy and PyTorch write theirs.
///
/// Each member is written piece by piece, so that none has to be in memory. Sizes beyond 4 GiB are
/// those of ZIP64.
final class ZipWriter {
    /// A member that is written.
    private struct Member {
        var name: [UInt8]
        var size: Int
        var offset: Int
        var checksum: UInt32 = 0
        var written = 0
        var isLarge: Bool { size >= 0xFFFF_FFFF }
    }

    private let sink: FileSink
    private var members: [Member] = []

    /// Writes to `sink`.
    init(_ sink: FileSink) { self.sink = sink }

    /// Begins a member of `size` bytes, which ``write(_:)`` then gives.
    /// - Parameter alignment: what the place of its content in the file is a multiple of.
    func begin(_ name: String, size: Int, alignment: Int = 1) throws(Failure) {
        let member = Member(name: Array(name.utf8), size: size, offset: sink.count)
        // Without a checksum, which is put here at the end.
        var header = Self.fields(0x0403_4b50, 4)
        header += Self.common(member, checksum: 0)
        var extra: [UInt8] = []
        if member.isLarge {
            extra =
                Self.fields(1, 2) + Self.fields(16, 2) + Self.fields(size, 8) + Self.fields(size, 8)
        }
        let end = sink.count + 30 + member.name.count + extra.count
        let missing = (alignment - end % alignment) % alignment
        if missing > 0 {
            // PyTorch's own field of padding, of at least its four bytes of header.
            let padding = missing >= 4 ? missing - 4 : missing + alignment - 4
            extra += Self.fields(0x4246, 2) + Self.fields(padding, 2)
            extra += [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
        }
        header += Self.fields(member.name.count, 2) + Self.fields(extra.count, 2)
        try sink.write(header + member.name + extra)
        members.append(member)
    }

    /// Gives the next bytes of the member that was begun last.
    func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        let last = members.count - 1
        members[last].checksum = ZipChecksum.of(bytes, after: members[last].checksum)
        members[last].written += bytes.count
        try sink.write(bytes)
    }

    /// Writes a member whose content is in memory.
    func add(_ name: String, _ content: [UInt8], alignment: Int = 1) throws(Failure) {
        try begin(name, size: content.count, alignment: alignment)
        let result = content.withUnsafeBytes { bytes in
            Result { () throws(Failure) in try write(bytes) }
        }
        try result.get()
    }

    /// Writes the directory and moves the file to its path.
    func finish() throws(Failure) {
        for member in members {
            guard member.written == member.size else {
                throw Failure(
                    .internalError,
                    "a member of a zip file has \(member.written) bytes of \(member.size)")
            }
            try sink.patch(Self.fields(Int(member.checksum), 4), at: member.offset + 14)
        }
        let start = sink.count
        for member in members { try sink.write(Self.entry(member)) }
        try sink.write(Self.end(count: members.count, start: start, end: sink.count))
        try sink.commit()
    }

    /// A member in the directory at the end.
    private static func entry(_ member: Member) -> [UInt8] {
        var extra: [UInt8] = []
        if member.isLarge { extra += fields(member.size, 8) + fields(member.size, 8) }
        if member.offset >= 0xFFFF_FFFF { extra += fields(member.offset, 8) }
        if !extra.isEmpty { extra = fields(1, 2) + fields(extra.count, 2) + extra }
        return fields(0x0201_4b50, 4) + fields(45, 2) + common(member, checksum: member.checksum)
            + fields(member.name.count, 2) + fields(extra.count, 2) + fields(0, 8) + fields(0, 2)
            + fields(min(member.offset, 0xFFFF_FFFF), 4) + member.name + extra
    }

    /// What a member's own header and its entry in the directory have in common: from the version
    /// needed to the sizes.
    private static func common(_ member: Member, checksum: UInt32) -> [UInt8] {
        let size = min(member.size, 0xFFFF_FFFF)
        // UTF-8 names, stored, the first day that the format knows.
        return fields(45, 2) + fields(0x0800, 2) + fields(0, 2) + fields(0, 2) + fields(0x21, 2)
            + fields(Int(checksum), 4) + fields(size, 4) + fields(size, 4)
    }

    private static func end(count: Int, start: Int, end: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        if count >= 0xFFFF || end >= 0xFFFF_FFFF {
            bytes += fields(0x0606_4b50, 4) + fields(44, 8) + fields(45, 2) + fields(45, 2)
            bytes += fields(0, 8) + fields(count, 8) + fields(count, 8)
            bytes += fields(end - start, 8) + fields(start, 8)
            bytes += fields(0x0706_4b50, 4) + fields(0, 4) + fields(end, 8) + fields(1, 4)
        }
        return bytes + fields(0x0605_4b50, 4) + fields(0, 4) + fields(min(count, 0xFFFF), 2)
            + fields(min(count, 0xFFFF), 2) + fields(min(end - start, 0xFFFF_FFFF), 4)
            + fields(min(start, 0xFFFF_FFFF), 4) + fields(0, 2)
    }

    /// A number as `width` bytes, the lowest first.
    private static func fields(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// The checksum of zip files.
enum ZipChecksum {
    /// CRC-32 of `bytes`.
    /// - Parameter sum: that of the bytes before them.
    static func of(_ bytes: UnsafeRawBufferPointer, after sum: UInt32 = 0) -> UInt32 {
        var sum = sum
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            sum = UInt32(
                truncatingIfNeeded: crc32(
                    uLong(sum), part.bindMemory(to: UInt8.self).baseAddress, uInt(part.count)))
            rest = rest.dropFirst(part.count)
        }
        return sum
    }
}
