import Basics
import Glibc

/// The few system calls that artifacts need, with errors that name the file.
enum SystemCalls {
    /// Why the last system call failed.
    static var reason: String { String(cString: strerror(errno)) }

    /// Whether the descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether the descriptor is a regular file.
    static func isRegularFile(_ descriptor: Int32) -> Bool {
        status(of: descriptor)?.isRegularFile ?? false
    }

    /// What is at `path`: nil for nothing, else whether it is a regular file.
    static func isRegularFile(atPath path: String) -> Bool? { status(ofPath: path)?.isRegularFile }

    /// Whether `path` is a folder.
    static func isFolder(_ path: String) -> Bool { status(ofPath: path)?.isFolder ?? false }

    /// Whether both paths lead to one file.
    static func isSameFile(_ path: String, _ other: String) -> Bool {
        guard let first = status(ofPath: path), let second = status(ofPath: other) else {
            return false
        }
        return first.isSameFile(as: second)
    }

    /// Whether a file begins with the signature of HDF5.
    static func beginsAsHDF5(atPath path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var start = [UInt8](repeating: 0, count: 8)
        return read(descriptor, &start, start.count) == start.count
            && start == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    }

    /// Whether `path` still names the open file: it may have been removed since.
    static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        guard let open = status(of: descriptor), let named = status(ofPath: path) else {
            return false
        }
        return open.isSameFile(as: named)
    }

    private static func status(ofPath path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }

    /// The path without symbolic links; `path` itself where there is nothing.
    static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
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
        guard writeWhole(bytes, to: descriptor) else {
            throw ArtifactError(.io, file: name, "cannot write: \(reason)")
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

extension stat {
    fileprivate var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    fileprivate var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    fileprivate func isSameFile(as other: stat) -> Bool {
        st_dev == other.st_dev && st_ino == other.st_ino
    }
}
