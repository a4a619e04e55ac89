package import Basics
import Glibc
import Synchronization

/// Standard output, checked: what can't be written is an error (status 74), never lost silently as
/// with `print`. Text is buffered, by line where a person or another program follows along.
package enum StandardOutput {
    private static let buffer = Mutex<[UInt8]>([])
    private static let bufferLimit = 1 << 16

    /// Writes `text` as it is.
    ///
    /// - Throws: ``Failure`` of status 74 when standard output can't take it.
    package static func write(_ text: String) throws(Failure) {
        try write(text.utf8)
    }

    /// Writes bytes as they are.
    ///
    /// - Throws: ``Failure`` of status 74 when standard output can't take them.
    package static func write(_ bytes: some Sequence<UInt8>) throws(Failure) {
        let followed = StandardStreams.outputIsTerminal
        let pending: [UInt8]? = buffer.withLock { buffer in
            buffer.append(contentsOf: bytes)
            guard followed || buffer.count >= bufferLimit else { return nil }
            defer { buffer.removeAll(keepingCapacity: true) }
            return buffer
        }
        if let pending {
            try writeAll(pending)
        }
    }

    /// Writes `text` and a newline.
    ///
    /// - Throws: ``Failure`` of status 74 when standard output can't take it.
    package static func print(_ text: String) throws(Failure) {
        try write(text + "\n")
    }

    /// Hands everything written so far to the system, so that a program at the other end of a pipe
    /// can go on with it.
    ///
    /// - Throws: ``Failure`` of status 74 when standard output can't take it.
    package static func flush() throws(Failure) {
        let pending = buffer.withLock { buffer in
            defer { buffer.removeAll() }
            return buffer
        }
        try writeAll(pending)
    }

    /// Flushes and asks the system to confirm: some file systems report a full disk only here.
    static func close() throws(Failure) {
        try flush()
        let copy = dup(STDOUT_FILENO)
        if copy >= 0, Glibc.close(copy) != 0 {
            throw failure(errno)
        }
    }

    private static func writeAll(_ bytes: [UInt8]) throws(Failure) {
        guard bytes.withUnsafeBytes({ writeWhole($0, to: STDOUT_FILENO) }) else {
            throw failure(errno)
        }
    }

    private static func failure(_ code: Int32) -> Failure {
        let reason = String(cString: strerror(code))
        return Failure(
            .io, "standard output: \(reason); nothing after this point was written, write elsewhere"
        )
    }
}
