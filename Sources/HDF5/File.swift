import Basics
import CHDF5
import Glibc

/// An open HDF5 file, on disk or in memory.
///
/// It is closed when it, its groups and its datasets have all been released. After writing, call
/// `close()`, which closes it at once and throws if that fails.
package struct File: ~Copyable, Sendable {
    /// How a file is opened.
    package enum Mode: Hashable, Sendable {
        /// For reading; other processes may read it at the same time.
        case readOnly
        /// For reading and writing; no other process may have it open.
        case readWrite
    }

    /// Whether an advisory lock keeps readers and writers of the file apart.
    package enum Locking: Hashable, Sendable {
        /// A lock where the file system has them.
        case whereAvailable
        /// A lock, or an error.
        case required
        /// No lock: for a file that no process writes to any more.
        case none
    }

    /// Where data of at least a kilobyte begin in a file that is written.
    package enum Placement: Hashable, Sendable {
        /// At a page, so that a dataset in one piece can be mapped.
        case pages
        /// Right after what is before them: for compressed chunks, which nobody maps.
        case packed
    }

    let handle: FileHandle

    /// The file's path, or the name given to a file in memory, as errors give it.
    package var name: String { handle.name }

    init(_ handle: FileHandle) {
        self.handle = handle
    }

    /// Opens the file at `path`.
    ///
    /// - Throws: `missingInput` where there is none, `badData` where it isn't HDF5 or is truncated.
    package static func open(
        _ path: String, mode: Mode = .readOnly, locking: Locking = .whereAvailable,
        placement: Placement = .pages
    ) throws(HDF5Error) -> File {
        Library.lock()
        defer { Library.unlock() }
        let location = Location(file: path)
        try location.checkName(path, "open")
        try checkIsReadable(location)
        let flags = mode == .readOnly ? CHDF5_READ_ONLY() : CHDF5_READ_WRITE()
        let id = try withLocks(locking, placement, at: location) { (access) throws(HDF5Error) in
            try location.check(H5Fopen(path, flags, access), "open")
        }
        return File(
            FileHandle(id, name: path, storage: .disk, isWritable: mode == .readWrite))
    }

    /// Creates the file at `path`, or empties an existing one.
    ///
    /// Two runs that write the same in the same order write the same bytes.
    package static func create(
        _ path: String, locking: Locking = .whereAvailable, placement: Placement = .pages
    ) throws(HDF5Error) -> File {
        Library.lock()
        defer { Library.unlock() }
        let location = Location(file: path)
        try location.checkName(path, "create")
        let id = try withLocks(locking, placement, at: location) { (access) throws(HDF5Error) in
            try createFile(path, access: access, at: location)
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
        // The library identifies files in memory by their names.
        memoryFileCount += 1
        let id = try createFile("\(memoryFileCount): \(name)", access: access.id, at: location)
        return File(FileHandle(id, name: name, storage: .memory, isWritable: true, isNew: true))
    }

    /// Opens a file image in memory for reading, without a copy; `name` is for errors.
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

    /// The size and the time of the last change of the file on the disk; nil for one in memory.
    package borrowing func state() throws(HDF5Error) -> FileState? {
        Library.lock()
        defer { Library.unlock() }
        guard case .disk = handle.storage, let descriptor = try handle.descriptor() else {
            return nil
        }
        return FileState(descriptor)
    }

    /// Keeps what the library knows of the file's structure in memory until `flush()`: between two of these
    /// the structure on the disk stays that of the first, so that a process that is killed leaves it whole.
    ///
    /// Otherwise the library writes parts of it whenever its cache is full.
    package borrowing func holdStructureUntilFlush() throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        try handle.location.check(CHDF5_hold_metadata(handle.id), "set the cache", .internalError)
    }

    /// Passes everything written so far to the operating system.
    package borrowing func flush() throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        try handle.location.check(H5Fflush(handle.id, H5F_SCOPE_GLOBAL), "write", .io)
    }

    /// Writes the rest of the file and closes it.
    ///
    /// - Throws: `internalError` with the groups and datasets that are still open, and then the file
    ///   is closed when the last of them is; `io` where writing fails.
    package consuming func close() throws(HDF5Error) {
        try handle.close()
    }
}

/// The number of files in memory so far; used under the library's lock.
private nonisolated(unsafe) var memoryFileCount = 0

extension File {
    /// Checks a file before the library opens it.
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

    /// Calls `attempt`, repeatedly for half a second while another process holds the file's lock.
    ///
    /// A forked process holds the locks of its parent until it calls `exec`.
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

    /// Calls `attempt` with access properties that lock the file, and without locks where the file system
    /// turns out to have none and they needn't be: the library itself only knows ENOSYS.
    private static func withLocks(
        _ locking: Locking, _ placement: Placement, at location: Location,
        _ attempt: (hid_t) throws(HDF5Error) -> hid_t
    ) throws(HDF5Error) -> hid_t {
        let access = try makeAccessProperties(locking: locking, placement, at: location)
        do throws(HDF5Error) {
            return try retryingWhileLocked { () throws(HDF5Error) in try attempt(access.id) }
        } catch {
            let reasons = [ENOSYS, ENOLCK, EOPNOTSUPP].map { String(cString: strerror($0)) }
            guard locking == .whereAvailable, reasons.contains(error.message) else { throw error }
            let unlocked = try makeAccessProperties(locking: .none, placement, at: location)
            return try attempt(unlocked.id)
        }
    }

    private static func makeAccessProperties(
        locking: Locking, _ placement: Placement = .pages, at location: Location
    ) throws(HDF5Error) -> Identifier {
        let operation = "open"
        let list = Identifier(
            try location.check(H5Pcreate(CHDF5_FILE_ACCESS()), operation, .internalError),
            close: H5Pclose)
        // Attributes over 64 kB need 1.8; nothing needs more than 1.10, so h5py can read it.
        try location.check(
            H5Pset_libver_bounds(list.id, H5F_LIBVER_V18, H5F_LIBVER_V110), operation)
        try location.check(H5Pset_fclose_degree(list.id, H5F_CLOSE_SEMI), operation)
        if placement == .pages {
            try location.check(H5Pset_alignment(list.id, 1024, 4096), operation)
        }
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
