package import Basics
package import Tokenization

/// A model in the GGUF format, versions 2 and 3: metadata, a list of tensors, their aligned data.
package struct GGUFFile: TensorFile {
    /// What the file says of itself.
    let metadata: GGUFMetadata
    /// Its tensors, outermost dimension first.
    package let catalog: TensorCatalog

    /// Whether the file at `path` begins as GGUF files do.
    static func isGGUF(_ file: MappedFile) -> Bool { file.bytes.starts(with: "GGUF".utf8) }

    /// Whether the file at `path` begins as GGUF files do; false where it can't be read.
    package static func isGGUF(path: String) -> Bool {
        guard MappedFile.exists(path), !MappedFile.isFolder(path),
            let file = try? MappedFile(path: path)
        else { return false }
        return isGGUF(file)
    }

    /// A text of the metadata; nil where there is none.
    /// - Throws: `Failure` where the value is no text.
    package func text(_ key: String) throws(Failure) -> String? {
        metadata.has(key) ? try metadata.string(key) : nil
    }

    /// Reads the metadata and the list of tensors of the file at `path`.
    package init(path: String) throws(Failure) { try self.init(MappedFile(path: path)) }

    init(_ file: MappedFile) throws(Failure) {
        let path = file.path
        guard Self.isGGUF(file) else {
            throw Failure(.badData, "\(path): not a GGUF file: it doesn't begin with \"GGUF\"")
        }
        var cursor = GGUFCursor(path: path, bytes: file.bytes, offset: 4)
        let version: UInt32 = try cursor.integer()
        guard version == 2 || version == 3 else {
            let bigEndian = version.byteSwapped < 16
            throw Failure(
                .badData,
                "\(path): GGUF version \(bigEndian ? version.byteSwapped : version)"
                    + "\(bigEndian ? ", big-endian," : "") isn't supported; convert it to version 3"
            )
        }
        let tensorCount: UInt64 = try cursor.integer()
        let pairCount: UInt64 = try cursor.integer()
        metadata = try GGUFMetadata(file: file, count: pairCount, cursor: &cursor)
        let alignment = try metadata.int("general.alignment", default: 32)
        guard alignment > 0, alignment <= 1 << 20, alignment.nonzeroBitCount == 1 else {
            throw Failure(.badData, "\(path): general.alignment is \(alignment)")
        }

        var headers: [Header] = []
        for _ in 0..<tensorCount { headers.append(try Header(&cursor)) }
        let dataStart = (cursor.offset + alignment - 1) & -alignment
        var tensors: [String: StoredTensor] = [:]
        // Tensors over each other would let a small file fill the memory.
        var room = file.bytes.count
        for header in headers {
            let tensor = try header.tensor(in: file, dataStart: dataStart, alignment: alignment)
            room -= tensor.bytes.count
            guard room >= 0 else {
                throw Failure(
                    .badData, "\(path): tensor \(tensor.name) lies where another does")
            }
            guard tensors.updateValue(tensor, forKey: tensor.name) == nil else {
                throw Failure(.badData, "\(path): two tensors are called \(tensor.name)")
            }
        }
        catalog = TensorCatalog(path: path, tensors: tensors)
    }

    /// The vocabulary in the metadata, nil where there is none.
    package func vocabulary() throws(Failure) -> GGUFVocabulary? {
        guard metadata.has("tokenizer.ggml.model"), metadata.has("tokenizer.ggml.tokens") else {
            return nil
        }
        func key(_ name: String) -> String { "tokenizer.ggml." + name }
        func id(_ name: String) throws(Failure) -> Int32? {
            guard metadata.has(key(name)) else { return nil }
            return Int32(exactly: try metadata.int(key(name)))
        }
        var vocabulary = GGUFVocabulary(
            model: try metadata.string(key("model")),
            architecture: metadata.has("general.architecture")
                ? try metadata.string("general.architecture") : nil,
            preTokenizer: metadata.has(key("pre")) ? try metadata.string(key("pre")) : nil,
            tokens: try metadata.strings(key("tokens")),
            merges: try metadata.strings(key("merges")),
            scores: try metadata.floats(key("scores")),
            tokenTypes: try metadata.integers(key("token_type")),
            bosID: try id("bos_token_id"), eosID: try id("eos_token_id"),
            unknownID: try id("unknown_token_id"), paddingID: try id("padding_token_id"),
            addsBOS: try metadata.bool(key("add_bos_token")),
            addsEOS: try metadata.bool(key("add_eos_token")),
            addsSpacePrefix: try metadata.bool(key("add_space_prefix")))
        vocabulary.otherKeys = metadata.unaskedKeys(beginningWith: "tokenizer.")
        return vocabulary
    }

    /// A tensor's entry in the list.
    private struct Header {
        var name: String
        var shape: [Int] = []
        var type: UInt32
        var offset: UInt64

        init(_ cursor: inout GGUFCursor) throws(Failure) {
            name = try cursor.string()
            let dimensions: UInt32 = try cursor.integer()
            guard dimensions <= 4 else {
                throw Failure(
                    .badData, "\(cursor.path): tensor \(name) has \(dimensions) dimensions")
            }
            for _ in 0..<dimensions {
                // Innermost first in the file.
                shape.insert(Int(clamping: try cursor.integer(UInt64.self)), at: 0)
            }
            type = try cursor.integer()
            offset = try cursor.integer()
        }

        func tensor(
            in file: MappedFile, dataStart: Int, alignment: Int
        ) throws(Failure) -> StoredTensor {
            let numbers = Int32(exactly: type).flatMap(NumberType.init)
            let typeName = NumberType.name(ofCode: type)
            guard let count = shape.checkedProduct(),
                (shape.last ?? 1).isMultiple(of: numbers?.blockValues ?? 1),
                let size = numbers?.byteCount(of: count) ?? (numbers == nil ? 0 : nil)
            else {
                throw Failure(
                    .badData, "\(file.path): tensor \(name) has the shape \(shape) in \(typeName)")
            }
            guard offset.isMultiple(of: UInt64(alignment)) else {
                throw Failure(.badData, "\(file.path): tensor \(name) isn't aligned")
            }
            let available = file.bytes.count - dataStart
            guard available >= 0, offset <= UInt64(available), size <= available - Int(offset)
            else {
                throw Failure(
                    .badData,
                    "\(file.path): cut off: tensor \(name) ends past its \(file.bytes.count) bytes; "
                        + "get the file again")
            }
            let start = dataStart + Int(offset)
            return StoredTensor(
                name: name, shape: shape, type: numbers, typeName: typeName,
                bytes: UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + size]),
                file: file)
        }
    }
}
