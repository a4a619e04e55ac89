/// Reads the directory of a mapped zip file. Every offset is checked.
package struct ZipDirectory {
    /// A file in the archive.
    package struct Entry {
        /// Its name, with folders before it.
        package var name: String
        /// The checksum of its content, CRC-32.
        package var checksum: UInt32
        /// Whether it lies there as it is, not compressed.
        var isStored: Bool
        var size: Int
        var offset: Int
    }

    private let bytes: UnsafeRawBufferPointer

    /// The directory of `file`, which has to outlive it.
    package init(_ file: MappedFile) { bytes = file.bytes }

    private func number(_ offset: Int, _ width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(bytes[offset + index]) << (8 * index) }
        return Int(exactly: value)
    }

    /// The entries of the central directory; nil where there is none that makes sense, or where those that
    /// are stored as they are lie over each other: a small file could then hold any number of bytes.
    package func entries() -> [Entry]? {
        let end = 22
        guard bytes.count >= end else { return nil }
        let lowest = max(0, bytes.count - end - 0xFFFF)
        guard
            let tail = (lowest...bytes.count - end).last(where: { number($0, 4) == 0x0605_4b50 }),
            var count = number(tail + 10, 2), var next = number(tail + 16, 4)
        else { return nil }
        // Zip64, which numpy writes where an array is large.
        if next == 0xFFFF_FFFF || count == 0xFFFF, number(tail - 20, 4) == 0x0706_4b50,
            let record = number(tail - 12, 8), number(record, 4) == 0x0606_4b50,
            let largeCount = number(record + 32, 8), let largeNext = number(record + 48, 8)
        {
            (count, next) = (largeCount, largeNext)
        }
        var entries: [Entry] = []
        var room = bytes.count
        for _ in 0..<min(count, 1 << 16) {
            guard number(next, 4) == 0x0201_4b50, let method = number(next + 10, 2),
                let nameLength = number(next + 28, 2), let extraLength = number(next + 30, 2),
                let commentLength = number(next + 32, 2), var size = number(next + 24, 4),
                var offset = number(next + 42, 4),
                next + 46 + nameLength + extraLength <= bytes.count
            else { return nil }
            let name = String(decoding: bytes[next + 46..<next + 46 + nameLength], as: UTF8.self)
            largeSizes(next + 46 + nameLength, extraLength, &size, &offset)
            if method == 0 {
                guard size <= room else { return nil }
                room -= size
            }
            entries.append(
                Entry(
                    name: name, checksum: UInt32(truncatingIfNeeded: number(next + 16, 4) ?? 0),
                    isStored: method == 0, size: size, offset: offset))
            next += 46 + nameLength + extraLength + commentLength
        }
        return entries
    }

    /// Sizes of 64 bits, which stand in the extra field in the order of those that are all ones.
    private func largeSizes(_ start: Int, _ length: Int, _ size: inout Int, _ offset: inout Int) {
        var field = start
        while let id = number(field, 2), let width = number(field + 2, 2), field < start + length {
            if id == 1 {
                var place = field + 4
                // The uncompressed size first, then the compressed one, then the offset.
                if size == 0xFFFF_FFFF {
                    size = number(place, 8) ?? size
                    place += 16
                }
                if offset == 0xFFFF_FFFF { offset = number(place, 8) ?? offset }
            }
            field += 4 + width
        }
    }

    /// The content of an entry that isn't compressed.
    package func content(of entry: Entry) -> UnsafeRawBufferPointer? {
        guard entry.isStored, number(entry.offset, 4) == 0x0403_4b50,
            let nameLength = number(entry.offset + 26, 2),
            let extraLength = number(entry.offset + 28, 2)
        else { return nil }
        let start = entry.offset + 30 + nameLength + extraLength
        guard start <= bytes.count, entry.size >= 0, entry.size <= bytes.count - start else {
            return nil
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start + entry.size])
    }
}
