import Basics
import CHDF5
import Glibc

extension Dataset {
    /// All texts, of fixed or variable length, in row-major order.
    ///
    /// - Throws: `badData` where one isn't UTF-8, or where together they are longer than the file.
    package borrowing func readStrings() throws(HDF5Error) -> [String] {
        Library.lock()
        defer { Library.unlock() }
        var texts: [String] = []
        texts.reserveCapacity(count)
        switch elementType {
        case .fixedString(let length):
            try forEachRowBlock(elementSize: length) { (start, shape) throws(HDF5Error) in
                let bytes = try readFixed(length: length, start: start, shape: shape)
                for first in stride(from: 0, to: bytes.count, by: length) {
                    texts.append(
                        try fixedText(bytes[first..<first + length], "read", at: location))
                }
            }
        case .string:
            guard let file = identifier.file else { break }
            try checkReferences(in: file)
            // The library stores each text once, so together they can't be longer than the file.
            let arena = TextArena(budget: try file.size())
            try forEachRowBlock(elementSize: 16) { (start, shape) throws(HDF5Error) in
                try readVariable(start: start, shape: shape, arena: arena, into: &texts)
                arena.releaseAll()
            }
        default: throw mismatch(.string)
        }
        return texts
    }

    /// Writes all texts, in row-major order.
    ///
    /// - Throws: `usage` where one contains a NUL, or is longer than the fixed length.
    package borrowing func writeStrings(_ texts: [String]) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        guard texts.count == count else {
            throw location.failure(
                "write", .usage, "\(texts.count) texts were given for \(count)")
        }
        guard !texts.isEmpty else { return }
        let type = try elementType.makeLibraryType(at: location)
        switch elementType {
        case .fixedString(let length):
            let bytes = try fixedBytes(of: texts, length: length)
            try location.check(
                H5Dwrite(
                    identifier.id, type.id, CHDF5_ALL(), CHDF5_ALL(), CHDF5_DEFAULT(), bytes),
                "write", .io)
        case .string:
            let encoded = try EncodedTexts(texts, at: location)
            try encoded.withPointers { pointers throws(HDF5Error) in
                try location.check(
                    H5Dwrite(
                        identifier.id, type.id, CHDF5_ALL(), CHDF5_ALL(), CHDF5_DEFAULT(),
                        pointers), "write", .io)
            }
        default: throw location.failure("write", .usage, "its type is \(elementType), not string")
        }
    }

    /// Fixed strings as they are stored, with their padding.
    borrowing func readFixed(
        length: Int, start: [Int], shape: [Int]
    ) throws(HDF5Error) -> [UInt8] {
        let selection = try Selection(of: self, start: start, shape: shape, operation: "read")
        var bytes = [UInt8](repeating: 0, count: selection.count * length)
        // Read with the type in the file, so that the padding isn't converted.
        let type = Identifier(
            try location.check(H5Dget_type(identifier.id), "read"), close: H5Tclose)
        try location.check(
            H5Dread(
                identifier.id, type.id, selection.memorySpace.id, selection.fileSpace.id,
                CHDF5_DEFAULT(), &bytes), "read")
        return bytes
    }

    /// Checks that every text is where its reference says. Only the references of a contiguous dataset
    /// can be read for that; in chunks, only fletcher32 finds a damaged one.
    private borrowing func checkReferences(in file: FileHandle) throws(HDF5Error) {
        guard let heaps = try file.heaps(), !file.isWritable, layout == .contiguous,
            let offset = contiguousOffset()
        else { return }
        let count = count
        let areSound = try file.withFileBytes { bytes in
            let size = GlobalHeaps.Reference.size
            guard offset <= bytes.count, count <= (bytes.count - offset) / size else {
                return false
            }
            return (0..<count).allSatisfy {
                heaps.contains(GlobalHeaps.Reference(bytes, at: offset + $0 * size))
            }
        }
        guard areSound else {
            throw location.failure("read", .badData, "a reference to a text in it is damaged")
        }
    }

    private borrowing func readVariable(
        start: [Int], shape: [Int], arena: TextArena, into texts: inout [String]
    ) throws(HDF5Error) {
        let selection = try Selection(of: self, start: start, shape: shape, operation: "read")
        let type = Identifier(
            try location.check(H5Dget_type(identifier.id), "read"), close: H5Tclose)
        let transfer = try arena.makeTransferProperties(at: location)
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: selection.count)
        try location.check(
            H5Dread(
                identifier.id, type.id, selection.memorySpace.id, selection.fileSpace.id,
                transfer.id, &pointers), "read")
        for pointer in pointers {
            guard let pointer else {
                texts.append("")
                continue
            }
            guard let text = String(validatingCString: pointer) else {
                throw location.failure("read", .badData, "a text in it isn't UTF-8")
            }
            texts.append(text)
        }
    }

    private borrowing func fixedBytes(
        of texts: [String], length: Int
    ) throws(HDF5Error) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(texts.count * length)
        for text in texts {
            try checkText(text, at: location)
            guard text.utf8.count <= length else {
                throw location.failure(
                    "write", .usage, "a text of \(text.utf8.count) bytes is longer than \(length)")
            }
            bytes += text.utf8
            bytes += repeatElement(0, count: length - text.utf8.count)
        }
        return bytes
    }
}
