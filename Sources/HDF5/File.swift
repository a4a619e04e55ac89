import CHDF5
import Basics

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// An open HDF5 file, on disk or in memory.
///
/// It is closed when the last of it, its groups and its datasets goes; `close()` closes it at once
/// and tells what went wrong, as one must after writing.
package struct File: ~Copyable, Sendable {
    /// What one may do with an opened file.
    package enum Mode: Hashable, Sendable {
        /// Read; others may read it at the same time.
        case readOnly
        /// Read and change; nobody else may have it open.
        case readWrite
    }

    /// Whether an advisory lock keeps readers and writers of the file apart.
    package enum Locking: Hashable, Sendable {
        /// A lock where the file system has them.
        case whereAvailable
        /// A lock, or an error.
        case required
        /// None: for a file that nobody changes any more.
        case none
    }

    let handle: FileHandle

    /// The file's path, or the name given to a file in memory; errors name it.
    package var name: String { handle.name }

    init(_ handle: FileHandle) {
        self.handle = handle
    }

    /// Opens the file at `path`.
    ///
    /// - Throws: `missingInput` where there is none, `badData` where it isn't HDF5 or is truncated.
    package static func open(
        _ path: String, mode: Mode = .readOnly, locking: Locking = .whereAvailable
    ) throws(HDF5Error) -> File {
        Library.lock()
        defer { Library.unlock() }
        let location = Location(file: path)
        try location.checkName(path, "open")
        try checkIsReadable(location)
        let access = try makeAccessProperties(locking: locking, at: location)
        let flags = mode == .readOnly ? CHDF5_READ_ONLY() : CHDF5_READ_WRITE()
        let id = try retryingWhileLocked { () throws(HDF5Error) in
            try location.check(H5Fopen(path, flags, access.id), "open")
        }
        return File(
            FileHandle(id, name: path, storage: .disk, isWritable: mode == .readWrite))
    }

    /// Creates the file at `path`; one that is there is emptied.
    ///
    /// Two runs that write the same in the same order write the same bytes.
    package static func create(
        _ path: String, locking: Locking = .whereAvailable
    ) throws(HDF5Error) -> File {
        Library.lock()
        defer { Library.unlock() }
        let location = Location(file: path)
        try location.checkName(path, "create")
        let access = try makeAccessProperties(locking: locking, at: location)
        let id = try retryingWhileLocked { () throws(HDF5Error) in
            try createFile(path, access: access.id, at: location)
        }
        return File(FileHandle(id, name: path, storage: .disk, isWritable: true, isNew: true))
    }

    /// Creates a file in memory, for `image()` and `writeImage(to:)`; `name` is for errors.
    package static func createInMemory(name: String) throws(HDF5Error) -> File {
        Library.lock()
        defer { Library.unlock() }
        let location = Location(file: name)
        try location.checkName(name, "create")
        let access = try makeAccessProperties(locking: .none, at: location)
        let megabyte = 1 << 20
        try location.check(H5Pset_fapl_core(access.id, megabyte, false), "create")
        // The library tells files in memory apart by their names.
        memoryFileCount += 1
        let id = try createFile("\(memoryFileCount): \(name)", access: access.id, at: location)
        return File(FileHandle(id, name: name, storage: .memory, isWritable: true, isNew: true))
    }

    /// Opens a file that is in memory, in place and for reading; `name` is for errors.
    package static func open(image: FileImage, name: String) throws(HDF5Error) -> File {
        Library.lock()
        defer { Library.unlock() }
        let location = Location(file: name)
        guard image.count > 0, let base = image.rawBytes.baseAddress else {
            throw location.failure("open", .badData, "it is empty")
        }
        // The library takes a mutable pointer and, opened for reading, doesn't write.
        let id = try location.check(
            H5LTopen_file_image(
                UnsafeMutableRawPointer(mutating: base), image.count, CHDF5_IMAGE_IN_PLACE()),
            "open")
        return File(FileHandle(id, name: name, storage: .image(image), isWritable: false))
    }

    /// The root group, `/`.
    package borrowing func root() throws(HDF5Error) -> Group {
        Library.lock()
        defer { Library.unlock() }
        let id = try handle.location.check(H5Gopen2(handle.id, "/", CHDF5_DEFAULT()), "open")
        return Group(Identifier(id, in: handle, close: H5Gclose), path: "/")
    }

    /// Hands everything written to the operating system.
    package borrowing func flush() throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        try handle.location.check(H5Fflush(handle.id, H5F_SCOPE_GLOBAL), "write", .io)
    }

    /// Closes the file, and with it writes what is left.
    ///
    /// - Throws: `internalError` that names the groups and datasets still open, after which the file
    ///   closes with the last of them; `io` where writing fails.
    package consuming func close() throws(HDF5Error) {
        try handle.close()
    }
}

/// How many files in memory there were; used under the library's lock.
private nonisolated(unsafe) var memoryFileCount = 0

extension File {
    /// What can be said of a file before the library sees it.
    private static func checkIsReadable(_ location: Location) throws(HDF5Error) {
        var status = stat()
        guard stat(location.file, &status) == 0, access(location.file, R_OK) == 0 else {
            throw location.failure("open", .missingInput, String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw location.failure("open", .missingInput, "not a regular file")
        }
        guard status.st_size > 0 else {
            throw location.failure("open", .badData, "it is empty")
        }
        guard H5Fis_hdf5(location.file) != 0 else {
            throw location.failure("open", .badData, "not an HDF5 file")
        }
    }

    /// `attempt`, again for half a second while somebody else holds the file's lock.
    ///
    /// A process that is just being started holds the locks of the one that starts it, for as long as
    /// it has not become another program.
    private static func retryingWhileLocked(
        _ attempt: () throws(HDF5Error) -> hid_t
    ) throws(HDF5Error) -> hid_t {
        let locked = String(cString: strerror(EAGAIN))
        for _ in 0..<50 {
            do throws(HDF5Error) {
                return try attempt()
            } catch  where error.message != locked {
                throw error
            } catch {
                Library.unlock()
                usleep(10_000)
                Library.lock()
            }
        }
        do throws(HDF5Error) {
            return try attempt()
        } catch {
            var error = error
            if error.message == locked { error.message = "another process has it open" }
            throw error
        }
    }

    private static func makeAccessProperties(
        locking: Locking, at location: Location
    ) throws(HDF5Error) -> Identifier {
        let operation = "open"
        let list = Identifier(
            try location.check(H5Pcreate(CHDF5_FILE_ACCESS()), operation, .internalError),
            close: H5Pclose)
        // Attributes over 64 kB need 1.8; nothing needs more than 1.10, so h5py can read it.
        try location.check(
            H5Pset_libver_bounds(list.id, H5F_LIBVER_V18, H5F_LIBVER_V110), operation)
        try location.check(H5Pset_fclose_degree(list.id, H5F_CLOSE_SEMI), operation)
        // Bulk data begin on a page, so that they can be mapped.
        try location.check(H5Pset_alignment(list.id, 1024, 4096), operation)
        try location.check(
            H5Pset_file_locking(list.id, locking != .none, locking == .whereAvailable), operation)
        return list
    }

    private static func createFile(
        _ path: String, access: hid_t, at location: Location
    ) throws(HDF5Error) -> hid_t {
        let creation = Identifier(
            try location.check(H5Pcreate(CHDF5_FILE_CREATE()), "create", .internalError),
            close: H5Pclose)
        try location.check(H5Pset_obj_track_times(creation.id, false), "create")
        return try location.check(
            H5Fcreate(path, CHDF5_TRUNCATE(), creation.id, access), "create", .io)
    }
}
