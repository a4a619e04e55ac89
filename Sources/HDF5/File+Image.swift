internal import CHDF5

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

extension File {
    /// The bytes that the file would have on disk.
    public borrowing func image() throws(HDF5Error) -> [UInt8] {
        Library.lock()
        defer { Library.unlock() }
        let location = handle.location
        let size = try imageSize()
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, H5Fget_file_image(handle.id, buffer.baseAddress, size))
            failed = count != size
        }
        if failed { throw .ofLibrary("write", kind: .io, file: location.file, path: "/") }
        return bytes
    }

    /// Writes the bytes of a file in memory to `descriptor`, such as a pipe, without a copy.
    ///
    /// - Throws: `io` where writing fails; `usage` for a file on disk.
    public borrowing func writeImage(to descriptor: Int32) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let location = handle.location
        var size = 0
        var base: UnsafeRawPointer?
        switch handle.storage {
        case .disk:
            throw location.failure("write", .usage, "it is on disk and has a path")
        case .image(let image):
            size = image.count
            base = image.bytes.baseAddress
        case .memory:
            size = try imageSize()
            var memory: UnsafeMutableRawPointer?
            try location.check(
                H5Fget_vfd_handle(handle.id, CHDF5_DEFAULT(), &memory), "write", .internalError)
            base = memory?.load(as: UnsafeRawPointer?.self)
        }
        guard let base else { throw location.failure("write", .internalError, "it has no memory") }
        var written = 0
        while written < size {
            let count = write(descriptor, base + written, size - written)
            if count < 0 {
                if errno == EINTR { continue }
                throw location.failure("write", .io, String(cString: strerror(errno)))
            }
            written += count
        }
    }

    /// Flushes, and says how many bytes the file then has.
    private borrowing func imageSize() throws(HDF5Error) -> Int {
        try flush()
        return try handle.location.check(H5Fget_file_image(handle.id, nil, 0), "write", .io)
    }
}
