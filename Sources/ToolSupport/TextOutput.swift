package import Artifacts
package import Basics
import Glibc

/// Text or an image that goes to a file the user named, or to standard output for `-`: a drawing, a
/// table.
package enum TextOutput {
    /// Refuses at once a path that can't be written in the end, or is a file that the text is made
    /// from.
    ///
    /// - Parameter inputs: all paths that are read or written otherwise; nil for none.
    /// - Throws: ``Artifacts/ArtifactError``: usage where the path is one of them, I/O where the
    ///   folder isn't there or can't be written.
    package static func check(_ path: String, keeps inputs: [String?]) throws(ArtifactError) {
        if path != "-" { try ArtifactOutput(path).check(keeps: inputs) }
    }

    /// Writes `text` to `path`, whole or not at all.
    ///
    /// - Throws: ``Failure`` of status 74 where it can't be written.
    package static func write(_ text: String, to path: String) throws(Failure) {
        try write(Array(text.utf8), to: path)
    }

    /// Writes `bytes` to `path`, whole or not at all.
    ///
    /// - Throws: ``Failure`` of status 74 where they can't be written.
    package static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        guard path != "-" else { return try StandardOutput.write(bytes) }
        var info = stat()
        // A device or a pipe can't be renamed onto.
        let isStream = stat(path, &info) == 0 && info.st_mode & S_IFMT != S_IFREG
        let target = isStream ? path : "\(path).\(getpid()).partial"
        let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(path) }
        let isWritten = writeAll(bytes, to: descriptor)
        let isClosed = close(descriptor) == 0
        guard isWritten, isClosed, isStream || rename(target, path) == 0 else {
            let error = failure(path)
            if !isStream { unlink(target) }
            throw error
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard written > 0 || errno == EINTR else { return false }
            start += max(0, written)
        }
        return true
    }

    private static func failure(_ path: String) -> Failure {
        Failure(.io, "\(path): cannot write: \(String(cString: strerror(errno)))")
    }
}
