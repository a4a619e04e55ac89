package import Basics
import Models

/// A file that `torch.save` wrote (PyTorch 1.6 and later), read without running anything in it.
package struct TorchFile: Sendable {
    /// The value that was saved.
    package let root: PickleValue
    private let file: MappedFile
    /// The tensors' bytes by the storage's key.
    private let storages: [String: UnsafeRawBufferPointerBox]
    private let name: String

    /// Bytes inside the mapped file.
    private struct UnsafeRawBufferPointerBox: @unchecked Sendable {
        var bytes: UnsafeRawBufferPointer
    }

    /// Opens the file at `path`.
    /// - Parameters:
    ///   - name: what it is called in messages.
    ///   - inert: classes, as `module.name`, whose instances are read as records of their fields.
    /// - Throws: ``Basics/Failure`` (bad data) where it is another kind of file, is damaged, or needs
    ///   more than plain values and tensors.
    package init(path: String, name: String? = nil, inert: Set<String> = []) throws(Failure) {
        let name = name ?? path
        let file = try MappedFile(path: path)
        func bad(_ what: String) -> Failure { Failure(.badData, "\(name): \(what)") }
        let directory = ZipDirectory(file)
        guard let entries = directory.entries() else {
            throw bad(
                "it is no zip file, or a damaged one; torch.save writes zip files since PyTorch 1.6"
            )
        }
        guard let program = entries.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
            throw bad("it has no data.pkl: torch.save didn't write it")
        }
        let folder = program.name.dropLast("data.pkl".utf8.count)
        var content: UnsafeRawBufferPointer?
        var storages: [String: UnsafeRawBufferPointerBox] = [:]
        for entry in entries where entry.name.hasPrefix(folder) {
            let part = entry.name.dropFirst(folder.count)
            guard let bytes = directory.content(of: entry) else {
                throw bad("\(entry.name) is compressed or damaged")
            }
            guard ZipChecksum.of(bytes) == entry.checksum else {
                throw bad("\(entry.name) is damaged: its checksum is another one")
            }
            if part == "data.pkl" {
                content = bytes
            } else if part.hasPrefix("data/") {
                storages[String(part.dropFirst(5))] = UnsafeRawBufferPointerBox(bytes: bytes)
            } else if part == "byteorder", !bytes.elementsEqual("little".utf8) {
                throw bad("its numbers have the highest byte first: save it on another machine")
            }
        }
        guard let content else { throw bad("its data.pkl can't be read") }
        do {
            root = try PickleProgram.value(of: content, inert: inert)
        } catch {
            throw bad(error.reason)
        }
        (self.file, self.storages, self.name) = (file, storages, name)
    }

    /// The tensor that a value is; nil where it is something else.
    /// - Throws: ``Basics/Failure`` (bad data) where its numbers aren't in the file.
    package func tensor(_ value: PickleValue) throws(Failure) -> TorchTensor? {
        guard case .tensor(let storage, let offset, let shape, let strides) = value.node,
            case .storage(let typeName, let key, let count) = value.table.nodes[storage]
        else { return nil }
        guard let type = TorchType(storage: typeName), let bytes = storages[key]?.bytes,
            count <= bytes.count / type.size,
            let tensor = TorchTensor(
                shape: shape, strides: strides, offset: offset, type: type,
                bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(count * type.size)),
                owner: file)
        else {
            throw Failure(
                .badData,
                "\(name): a tensor of shape \(shape) reaches beyond its numbers, data/\(key)")
        }
        return tensor
    }
}

extension TorchFile {
    /// Most bytes of a plain pickle that are read.
    private static let mostPickleBytes = 1 << 28

    /// The value in a plain pickle, which `pickle.dump` wrote, without running anything in it. It can't
    /// hold tensors.
    /// - Parameters:
    ///   - name: what it is called in messages.
    ///   - inert: classes, as `module.name`, whose instances are read as records of their fields.
    /// - Throws: ``Basics/Failure`` (bad data) where it needs more than plain values.
    package static func pickle(
        path: String, name: String, inert: Set<String> = []
    ) throws(Failure) -> PickleValue {
        let file = try MappedFile(path: path)
        guard file.bytes.count <= mostPickleBytes else {
            throw Failure(.badData, "\(name): a pickle of more than \(mostPickleBytes >> 20) MiB")
        }
        do {
            return try PickleProgram.value(of: file.bytes, inert: inert)
        } catch {
            throw Failure(.badData, "\(name): \(error.reason)")
        }
    }
}
