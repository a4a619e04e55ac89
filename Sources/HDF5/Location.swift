import Basics
import CHDF5

/// The file and path that an error is about. Every library call is checked through it.
struct Location: Sendable {
    /// The file's path or name.
    var file: String
    /// The object's path inside it.
    var path: String = "/"

    /// The location of `name` below this one.
    func appending(_ name: String) -> Location {
        Location(file: file, path: joined(path, name))
    }

    /// An error that this module found itself.
    func failure(
        _ operation: String, _ kind: FailureKind, _ message: String
    ) -> HDF5Error {
        HDF5Error(
            kind: kind, operation: operation, file: file, path: path, message: message, frames: [])
    }

    /// Returns the result of a library call, or throws its error stack if the result is negative.
    @discardableResult
    func check<Result: SignedInteger>(
        _ result: Result, _ operation: String, _ kind: FailureKind = .badData
    ) throws(HDF5Error) -> Result {
        guard result >= 0 else {
            throw .ofLibrary(operation, kind: kind, file: file, path: path)
        }
        return result
    }

    /// Refuses an empty name, and one with a NUL, at which the library would end it.
    func checkName(_ name: String, _ operation: String) throws(HDF5Error) {
        if name.isEmpty { throw failure(operation, .usage, "the name is empty") }
        if name.utf8.contains(0) { throw failure(operation, .usage, "the name contains a NUL") }
    }
}

/// `/a` and `b/c` give `/a/b/c`; an absolute `name` stands for itself.
func joined(_ path: String, _ name: String) -> String {
    if name.hasPrefix("/") { return name }
    return path == "/" ? "/" + name : path + "/" + name
}

/// An identifier of the library, which is closed when this value is released.
struct Identifier: ~Copyable, Sendable {
    /// The library's identifier, valid while this value lives.
    let id: hid_t
    /// The file stays open as long as anything in it is.
    let file: FileHandle?
    private let close: @convention(c) (hid_t) -> herr_t

    init(_ id: hid_t, in file: FileHandle? = nil, close: @escaping @convention(c) (hid_t) -> herr_t)
    {
        self.id = id
        self.file = file
        self.close = close
    }

    deinit {
        Library.lock()
        // What is small is written only now.
        if close(id) < 0 { file?.hasFailedClosing = true }
        Library.unlock()
    }
}
