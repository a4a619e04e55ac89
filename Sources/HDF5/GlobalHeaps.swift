/// The global heaps of a file, which hold its texts of variable length.
///
/// The format has no checksum over them, and libhdf5 1.10 follows the sizes and addresses in a damaged
/// heap without checking them. So a file's heaps are checked before the library reads a text.
///
/// Layout, from the HDF5 file format specification, III.E: `GCOL`, version 1, three zeros, the size of
/// the heap (8 bytes), then objects, each with its index (2), reference count (2), 4 zeros, its size
/// (8) and its bytes padded to 8. Index 0 is the free space at the end.
struct GlobalHeaps {
    /// The reference to a text, as a dataset stores it: 4, 8 and 4 bytes.
    struct Reference {
        var length: Int
        var address: UInt64
        var index: Int

        static let size = 16

        init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
            length = Int(
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            address = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt64.self))
            index = Int(
                UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            )
        }
    }

    /// For the address of each heap the sizes of its objects, from index 1 on; nil for an object that
    /// was removed.
    private var heaps: [UInt64: [Int?]] = [:]

    /// Checks the heaps in `regions` of the file's `bytes`; addresses count from `base`.
    ///
    /// - Returns: nil if a heap is damaged.
    init?(in regions: [Range<Int>], of bytes: UnsafeRawBufferPointer, base: Int) {
        for region in regions {
            var next = region.lowerBound
            while let start = Self.firstHeap(in: next..<region.upperBound, of: bytes) {
                guard let (sizes, end) = Self.objects(of: start, in: bytes), start >= base else {
                    return nil
                }
                heaps[UInt64(start - base)] = sizes
                next = end
            }
        }
    }

    /// Whether `reference` refers to an object of its length, or to none.
    func contains(_ reference: Reference) -> Bool {
        if reference.address == 0 { return true }
        guard let sizes = heaps[reference.address], sizes.indices.contains(reference.index - 1)
        else { return false }
        return sizes[reference.index - 1] == reference.length
    }

    private static let headerSize = 16

    /// The most indices that may be missing in a row: more than there are removed objects in a row in
    /// any heap of 4096 bytes.
    private static let greatestGap = 255

    /// `GCOL`, version 1, and three zeros, as a little-endian number.
    private static let signature: UInt64 = 0x0000_0001_4c4f_4347

    private static func firstHeap(
        in region: Range<Int>, of bytes: UnsafeRawBufferPointer
    ) -> Int? {
        var next = region.lowerBound
        let end = min(region.upperBound, bytes.count) - headerSize
        while next <= end,
            let found = firstByte(
                UInt8(ascii: "G"), in: UnsafeRawBufferPointer(rebasing: bytes[next...end]))
        {
            let start = next + found
            let word = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            if UInt64(littleEndian: word) == signature { return start }
            next = start + 1
        }
        return nil
    }

    /// The sizes of the objects of the heap at `start`, and its end; nil if it is damaged.
    private static func objects(
        of start: Int, in bytes: UnsafeRawBufferPointer
    ) -> (sizes: [Int?], end: Int)? {
        func number<Number: FixedWidthInteger>(at offset: Int, as: Number.Type) -> Int? {
            Int(
                exactly: Number(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)))
        }
        guard let size = number(at: start + 8, as: UInt64.self), size >= 4096,
            size <= bytes.count - start
        else { return nil }
        let end = start + size
        var sizes: [Int?] = []
        var next = start + headerSize
        while end - next >= headerSize {
            guard let index = number(at: next, as: UInt16.self),
                let objectSize = number(at: next + 8, as: UInt64.self),
                objectSize <= end - next
            else { return nil }
            if index == 0 {
                // Free space is the rest of the heap, its own header included.
                guard objectSize == end - next else { return nil }
                break
            }
            // Indices increase, with a gap for each removed object. A damaged index leaves such a gap
            // at its true value, and the library would read a text from address zero there.
            guard index > sizes.count, index - sizes.count <= greatestGap else { return nil }
            sizes += repeatElement(nil, count: index - sizes.count - 1)
            sizes.append(objectSize)
            next += headerSize + (objectSize + 7) / 8 * 8
            guard next <= end else { return nil }
        }
        return (sizes, end)
    }
}
