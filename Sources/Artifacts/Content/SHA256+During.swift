import Crypto
import Dispatch
import HDF5

/// Bytes that are added to a SHA-256 on another thread, while the calling one does something else with
/// them: hashing takes about as long as writing.
private final class ConcurrentHash: @unchecked Sendable {
    private var hash: SHA256
    private let bytes: UnsafeRawBufferPointer
    private let group = DispatchGroup()

    /// Begins. The bytes must stay as they are until `finish` returns.
    init(_ bytes: UnsafeRawBufferPointer, into hash: SHA256) {
        self.hash = hash
        self.bytes = bytes
        DispatchQueue.global().async(group: group) { self.hash.update(bufferPointer: self.bytes) }
    }

    /// Waits for the end.
    func finish() -> SHA256 {
        group.wait()
        return hash
    }
}

extension SHA256 {
    /// Fewer bytes aren't worth another thread.
    private static let fewestBytesAside = 1 << 18

    /// Adds bytes, and does on this thread what else is to be done with them.
    mutating func update(
        bufferPointer bytes: UnsafeRawBufferPointer, during body: () throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        guard bytes.count >= Self.fewestBytesAside else {
            try body()
            return update(bufferPointer: bytes)
        }
        let hashing = ConcurrentHash(bytes, into: self)
        defer { self = hashing.finish() }
        try body()
    }
}
