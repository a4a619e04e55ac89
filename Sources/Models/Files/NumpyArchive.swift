package import Basics

/// A NumPy archive (`.npz`) as `numpy.savez` writes it: a zip file of uncompressed `.npy` members.
package struct NumpyArchive: TensorFile {
    /// Every array by name, numbers not yet read.
    package let catalog: TensorCatalog

    /// Reads the directory of the archive at `path`, and maps the rest.
    package init(path: String) throws(Failure) {
        let file = try MappedFile(path: path)
        let cursor = ZipDirectory(file)
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
        catalog = TensorCatalog(path: path, tensors: tensors)
    }

    /// The file of one array at `path` (`.npy`), which is named after it.
    package init(array path: String) throws(Failure) {
        let file = try MappedFile(path: path)
        let stem = path.split(separator: "/").last ?? ""
        let name = stem.hasSuffix(".npy") ? String(stem.dropLast(4)) : String(stem)
        guard let tensor = Self.array(file.bytes, name, file) else {
            throw Failure(
                .badData,
                "\(path): it isn't an array of numbers in row-major order, as numpy.save writes it")
        }
        catalog = TensorCatalog(path: path, tensors: [name: tensor])
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
