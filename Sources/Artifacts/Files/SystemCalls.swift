import Basics

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The few system calls that artifacts need, with errors that name the file.
enum SystemCalls {
    /// Why the last system call failed.
    static var reason: String { String(cString: strerror(errno)) }

    /// Whether the descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether the descriptor is a regular file.
    static func isRegularFile(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether `path` is a regular file; nil where there is nothing.
    static func isRegularFile(atPath path: String) -> Bool? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether `path` is a folder.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether both paths lead to one file.
    static func isSameFile(_ path: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        return stat(path, &first) == 0 && stat(other, &second) == 0
            && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Whether `path` still names the open file: it may have been removed since.
    static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        var open = stat()
        var named = stat()
        return fstat(descriptor, &open) == 0 && stat(path, &named) == 0
            && open.st_dev == named.st_dev && open.st_ino == named.st_ino
    }

    /// The path without symbolic links; `path` itself where there is nothing.
    static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The folder for temporary files.
    static var temporaryFolder: String {
        guard let folder = getenv("TMPDIR"), folder.pointee != 0 else { return "/tmp" }
        return String(cString: folder)
    }

    /// Creates a temporary file whose name begins with `prefix` and returns its path and descriptor.
    static func makeTemporaryFile(
        _ prefix: String, in folder: String
    ) throws(ArtifactError) -> (path: String, descriptor: Int32) {
        var template = Array((folder + "/" + prefix + ".XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard descriptor >= 0 else {
            throw ArtifactError(.io, file: folder, "cannot create a temporary file: \(reason)")
        }
        return (path, descriptor)
    }

    /// Writes all of `bytes`.
    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, name: String
    ) throws(ArtifactError) {
        var written = 0
        while written < bytes.count {
            // One call doesn't move more than 2 GiB.
            let rest = bytes[written...].prefix(1 << 30)
            let count = writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if count < 0 {
                if errno == EINTR { continue }
                throw ArtifactError(.io, file: name, "cannot write: \(reason)")
            }
            written += count
        }
    }

    /// Writes all of `bytes`.
    static func write(
        _ bytes: [UInt8], to descriptor: Int32, name: String
    ) throws(ArtifactError) {
        var result: Result<Void, ArtifactError> = .success(())
        bytes.withUnsafeBytes { bytes in
            result = Result { () throws(ArtifactError) in
                try write(bytes, to: descriptor, name: name)
            }
        }
        try result.get()
    }

    /// Copies the rest of `source` to `target`.
    static func copy(
        from source: Int32, to target: Int32, name: String
    ) throws(ArtifactError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(source, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw ArtifactError(.io, file: name, "cannot read: \(reason)")
            }
            try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target, name: name)
        }
    }

    /// Waits until the file at `path` is on the disk.
    static func synchronize(_ path: String) throws(ArtifactError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ArtifactError(.io, file: path, "cannot open: \(reason)")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw ArtifactError(.io, file: path, "cannot write: \(reason)")
        }
    }
}

/// The system call `write`: inside `SystemCalls`, its name would mean `SystemCalls.write`.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
