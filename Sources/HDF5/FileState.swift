import Basics
import CHDF5
import Glibc

/// What tells whether an open file was changed: its size and the time of its last change.
package struct FileState: Hashable, Sendable {
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// The state of an open file now; nil where the system doesn't say.
    init?(_ descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}

extension FileHandle {
    /// The descriptor that the library reads the file with; nil where it has none.
    func descriptor() throws(HDF5Error) -> Int32? {
        var handle: UnsafeMutableRawPointer?
        try location.check(H5Fget_vfd_handle(id, CHDF5_DEFAULT(), &handle), "map", .internalError)
        return handle?.load(as: Int32.self)
    }
}
