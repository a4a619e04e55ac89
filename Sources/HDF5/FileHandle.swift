import Basics
import CHDF5

/// An open file, shared by all objects that are open in it; it closes with the last of them.
///
/// `@unchecked Sendable`: it is used only under `Library`'s lock.
final class FileHandle: @unchecked Sendable {
    /// Where the file's bytes are.
    enum Storage {
        /// In a regular file.
        case disk
        /// In the library's memory, growing as it is written.
        case memory
        /// In a `FileImage`, which the library reads without a copy.
        case image(FileImage)
    }

    private(set) var id: hid_t
    let name: String
    let storage: Storage
    let isWritable: Bool
    /// Whether the heaps, which hold texts, have been checked.
    var heapState: HeapState
    /// Whether closing something in it failed: then not all of it may be in the file.
    var hasFailedClosing = false

    /// - Parameter isNew: whether this process creates the file.
    init(
        _ id: hid_t, name: String, storage: Storage, isWritable: Bool, isNew: Bool = false
    ) {
        self.id = id
        self.name = name
        self.storage = storage
        self.isWritable = isWritable
        heapState = isNew ? .trusted : .unknown
    }

    var location: Location { Location(file: name) }

    /// The file's size in bytes, data that aren't flushed yet included.
    func size() throws(HDF5Error) -> Int {
        Library.lock()
        defer { Library.unlock() }
        var size: hsize_t = 0
        try location.check(H5Fget_filesize(id, &size), "ask for the size")
        return Int(clamping: size)
    }

    /// Closes the file, unless something in it is still open.
    ///
    /// - Throws: `io` where that fails, or closing something in it failed before.
    func close() throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        guard id >= 0 else { return }
        let open = openObjects()
        guard open.isEmpty else {
            throw location.failure(
                "close", .internalError,
                "still open: " + open.sorted().joined(separator: ", "))
        }
        // Also where closing fails: a second attempt would fail in the same way.
        defer { id = -1 }
        try location.check(H5Fclose(id), "close", .io)
        if hasFailedClosing, isWritable {
            throw location.failure(
                "close", .io, "something in it couldn't be written when it was closed")
        }
    }

    /// The paths of the groups, datasets, attributes and named types that are open in this file.
    private func openObjects() -> [String] {
        let count = H5Fget_obj_count(id, CHDF5_OPEN_OBJECTS())
        guard count > 0 else { return [] }
        var ids = [hid_t](repeating: -1, count: count)
        let found = H5Fget_obj_ids(id, CHDF5_OPEN_OBJECTS(), count, &ids)
        return ids.prefix(max(0, found)).map { id in
            let length = H5Iget_name(id, nil, 0)
            guard length > 0 else { return "an object without a name" }
            var name = [CChar](repeating: 0, count: length + 1)
            H5Iget_name(id, &name, name.count)
            return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    deinit {
        guard id >= 0 else { return }
        Library.lock()
        H5Fclose(id)
        Library.unlock()
    }
}
