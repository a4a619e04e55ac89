import Basics

/// A NumPy archive (`.npz`) as `numpy.savez` writes it: a zip file of uncompressed `.npy` members.
struct NumpyArchive {
    /// Every array by name, numbers not yet read.
    let tensors: [String: StoredTensor]

    init(path: String) throws(Failure) {
        let file = try MappedFile(path: path)
        let cursor = ZipCursor(file)
        guard let entries = cursor.entries() else {
            throw Failure(.badData, "\(path): not a zip file, or a damaged one")
        }
        var tensors: [String: StoredTensor] = [:]
        for entry in entries where entry.name.hasSuffix(".npy") {
            let name = String(entry.name.dropLast(4))
            guard let content = cursor.content(of: entry) else {
                throw Failure(
                    .badData,
                    "\(path): \(entry.name) is compressed or damaged; save it again by numpy.savez")
            }
            guard let tensor = Self.array(content, name, file) else {
                throw Failure(
                    .badData, "\(path): \(entry.name) isn't an array of numbers in row-major order")
            }
            tensors[name] = tensor
        }
        self.tensors = tensors
    }

    /// The array in a `.npy` member: magic, version, a header in Python's notation, the values.
    private static func array(
        _ bytes: UnsafeRawBufferPointer, _ name: String, _ file: MappedFile
    ) -> StoredTensor? {
        guard bytes.count >= 12, bytes.prefix(6).elementsEqual([0x93] + Array("NUMPY".utf8)) else {
            return nil
        }
        let isLong = bytes[6] > 1
        let length =
            isLong
            ? Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
            : Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
        let start = (isLong ? 12 : 10) + length
        guard start <= bytes.count else { return nil }
        let header = String(decoding: bytes[(isLong ? 12 : 10)..<start], as: UTF8.self)
        func value(_ key: String) -> Substring? {
            guard let range = header.firstRange(of: "'\(key)':") else { return nil }
            return header[range.upperBound...].drop { $0 == " " }
        }
        guard let type = value("descr"), let order = value("fortran_order"),
            let shapeText = value("shape"), order.hasPrefix("False"),
            let close = shapeText.firstIndex(of: ")")
        else { return nil }
        let typeName = String(type.dropFirst().prefix { $0 != "'" })
        let parts = shapeText[..<close].dropFirst().split(separator: ",")
        let shape = parts.compactMap { Int($0.filter { $0 != " " }) }
        guard shape.count == parts.count, let count = shape.checkedProduct() else { return nil }
        let number: NumberType? = ["<f4": .f32, "<f2": .f16][typeName]
        if let number, number.byteCount(of: count) != bytes.count - start { return nil }
        return StoredTensor(
            name: name, shape: shape, type: number, typeName: typeName,
            bytes: UnsafeRawBufferPointer(rebasing: bytes[start...]), file: file)
    }
}

/// Reads the directory of a zip file. Every offset is checked.
private struct ZipCursor {
    struct Entry {
        var name: String
        var isStored: Bool
        var size: Int
        var offset: Int
    }

    private let bytes: UnsafeRawBufferPointer

    init(_ file: MappedFile) { bytes = file.bytes }

    private func number(_ offset: Int, _ width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(bytes[offset + index]) << (8 * index) }
        return Int(exactly: value)
    }

    /// The entries of the central directory; nil where there is none that makes sense.
    func entries() -> [Entry]? {
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
        for _ in 0..<min(count, 1 << 16) {
            guard number(next, 4) == 0x0201_4b50, let method = number(next + 10, 2),
                let nameLength = number(next + 28, 2), let extraLength = number(next + 30, 2),
                let commentLength = number(next + 32, 2), var size = number(next + 24, 4),
                var offset = number(next + 42, 4),
                next + 46 + nameLength + extraLength <= bytes.count
            else { return nil }
            let name = String(decoding: bytes[next + 46..<next + 46 + nameLength], as: UTF8.self)
            largeSizes(next + 46 + nameLength, extraLength, &size, &offset)
            entries.append(Entry(name: name, isStored: method == 0, size: size, offset: offset))
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
    func content(of entry: Entry) -> UnsafeRawBufferPointer? {
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
