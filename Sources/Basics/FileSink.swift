import Glibc

/// A file that is written piece by piece and appears at its path whole or not at all; for standard
/// output and other streams it is a temporary file first. (Artifacts are written by
/// `ArtifactOutput`, since HDF5 opens files by name.) A killed run leaves a ``PartialFile``, which the
/// next one with the same output removes.
package final class FileSink {
    private let path: String
    /// The path with symbolic links resolved: a link stays one.
    private let target: String
    private let temporary: String?
    private let descriptor: Int32
    private var isDone = false
    /// How many bytes were written.
    package private(set) var count = 0

    /// Begins a file at `path`, `-` being standard output.
    /// - Throws: ``Failure`` (I/O) where it can't be written, as all that follows.
    package init(_ path: String) throws(Failure) {
        self.path = path
        let resolved = realpath(path, nil)
        target = resolved.map { String(cString: $0) } ?? path
        free(resolved)
        var status = stat()
        let isStream =
            path == "-" || (stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG)
        if isStream {
            let folder = TemporaryFolder.path
            var template = Array("\(folder)/circuittools.XXXXXX".utf8CString)
            descriptor = mkstemp(&template)
            temporary = nil
            guard descriptor >= 0 else { throw Self.failure(folder) }
            unlink(template)
        } else {
            PartialFile.removeLeft(for: target)
            let name = PartialFile.path(for: target)
            temporary = name
            descriptor = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw Self.failure(path) }
        }
    }

    deinit {
        close(descriptor)
        if !isDone, let temporary { unlink(temporary) }
    }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        try write(bytes, to: descriptor)
        count += bytes.count
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws(Failure) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(Failure) in try write(bytes) }
        }
        try result.get()
    }

    /// Appends text in UTF-8.
    package func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

    /// Writes over bytes that were written before, such as a checksum that is known only later.
    package func patch(_ bytes: [UInt8], at offset: Int) throws(Failure) {
        let written = bytes.withUnsafeBytes {
            pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset))
        }
        guard written == bytes.count else { throw Self.failure(path) }
    }

    /// Moves the whole file to its path, or copies it to the stream.
    package func commit() throws(Failure) {
        if let temporary {
            guard fsync(descriptor) == 0, rename(temporary, target) == 0 else {
                throw Self.failure(path)
            }
            isDone = true
            return
        }
        let stream = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC)
        guard stream >= 0 else { throw Self.failure(path) }
        defer { if path != "-" { close(stream) } }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var offset = 0
        while offset < count {
            let read = pread(descriptor, &buffer, buffer.count, off_t(offset))
            guard read > 0 else { throw Self.failure(path) }
            let result = buffer[..<read].withUnsafeBytes { bytes in
                Result { () throws(Failure) in try write(bytes, to: stream) }
            }
            try result.get()
            offset += read
        }
        isDone = true
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
    ) throws(Failure) {
        guard writeWhole(bytes, to: descriptor) else { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> Failure {
        let name = path == "-" ? "standard output" : path
        return Failure(.io, "\(name): cannot write: \(String(cString: strerror(errno)))")
    }
}
