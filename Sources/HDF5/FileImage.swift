import Basics
import Glibc

/// The bytes of a whole HDF5 file in memory, aligned to a page; `File.open(image:)` reads them without
/// a copy.
package final class FileImage: @unchecked Sendable {
    // Never written after `init`, so it may be shared.
    private let base: UnsafeMutableRawPointer
    private let capacity: Int

    /// The number of bytes.
    package let count: Int

    /// Whether the source ended within the limit; otherwise there is more to read from it.
    package let isComplete: Bool

    /// The bytes, valid while this object lives.
    var rawBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Calls `body` with the bytes, which are valid during the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(rawBytes)
    }

    /// A copy of `bytes`.
    package init(copying bytes: UnsafeRawBufferPointer) throws(HDF5Error) {
        capacity = max(bytes.count, 1)
        base = try Self.reserve(capacity, name: "memory")
        base.copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(base), byteCount: bytes.count)
        count = bytes.count
        isComplete = true
    }

    /// Reads `descriptor`, such as a pipe, to its end or until there are `limit` bytes.
    ///
    /// Memory is used only for what is read. If `isComplete` is false, the caller writes `bytes` and
    /// the rest to a file.
    package init(
        reading descriptor: Int32, limit: Int, name: String = "standard input"
    ) throws(HDF5Error) {
        let limit = max(limit, 1)
        capacity = limit
        base = try Self.reserve(limit, name: name)
        var filled = 0
        var ended = false
        while filled < limit && !ended {
            let received = read(descriptor, base + filled, min(limit - filled, 1 << 20))
            if received > 0 {
                filled += received
            } else if received == 0 {
                ended = true
            } else if errno != EINTR {
                let reason = String(cString: strerror(errno))
                munmap(base, limit)
                throw Location(file: name).failure("read", .io, reason)
            }
        }
        count = filled
        isComplete = ended
    }

    /// Reserves address space; a page takes memory only when it is written.
    private static func reserve(
        _ count: Int, name: String
    ) throws(HDF5Error) -> UnsafeMutableRawPointer {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0),
            base != MAP_FAILED
        else {
            throw Location(file: name).failure(
                "read", .io, "no room for \(count) bytes in memory")
        }
        return base
    }

    deinit {
        munmap(base, capacity)
    }
}
