import Basics
import CHDF5
import Glibc

extension File {
    /// The bytes of a file in memory.
    ///
    /// - Throws: `usage` for a file on disk.
    package borrowing func image() throws(HDF5Error) -> [UInt8] {
        Library.lock()
        defer { Library.unlock() }
        return [UInt8](try imageInPlace())
    }

    /// Writes the bytes of a file in memory to `descriptor`, such as a pipe, without a copy.
    ///
    /// - Throws: `io` where writing fails; `usage` for a file on disk.
    package borrowing func writeImage(to descriptor: Int32) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let bytes = try imageInPlace()
        guard writeWhole(bytes, to: descriptor) else {
            throw handle.location.failure("write", .io, String(cString: strerror(errno)))
        }
    }

    /// The library's own bytes, valid until something is written.
    ///
    /// `H5Fget_file_image` can't be used: it clears a flag in the superblock without correcting the
    /// superblock's checksum, so that the copy can't be opened (1.10.8). In these bytes the flag is
    /// set, which has no effect.
    private borrowing func imageInPlace() throws(HDF5Error) -> UnsafeRawBufferPointer {
        let location = handle.location
        switch handle.storage {
        case .disk: throw location.failure("write", .usage, "it is on disk and has a path")
        case .image(let image): return image.rawBytes
        case .memory:
            try flush()
            let size = try location.check(H5Fget_file_image(handle.id, nil, 0), "write", .io)
            var memory: UnsafeMutableRawPointer?
            try location.check(
                H5Fget_vfd_handle(handle.id, CHDF5_DEFAULT(), &memory), "write", .internalError)
            guard let base = memory?.load(as: UnsafeRawPointer?.self) else {
                throw location.failure("write", .internalError, "it has no memory")
            }
            return UnsafeRawBufferPointer(start: base, count: size)
        }
    }
}
