package import Basics
import Glibc

/// A file mapped into memory for reading; unmapped with the last reference.
package final class MappedFile: @unchecked Sendable {
    /// Where it lies.
    let path: String
    /// Its content.
    package let bytes: UnsafeRawBufferPointer

    /// Maps the file at `path`, which has to be a regular one.
    package init(path: String) throws(Failure) {
        // A named pipe is refused below, and opening one doesn't wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .cannotOpen(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.badData, "\(path): not a regular file")
        }
        self.path = path
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
        else { throw .cannotOpen(path) }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
        MappedMemory.watch(bytes, of: path)
    }

    deinit {
        if let base = bytes.baseAddress {
            MappedMemory.forget(bytes)
            munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
        }
    }

    /// Gives back the memory of what was read so far; it is read from the file again when needed.
    func releasePages() {
        if let base = bytes.baseAddress {
            _ = madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_DONTNEED)
        }
    }

    /// Gives back the memory of the whole pages among some of its bytes; of other bytes it does nothing.
    func releasePages(of part: UnsafeRawBufferPointer) {
        // Memory that isn't the file's would lose its content.
        guard let base = part.baseAddress, let own = bytes.baseAddress, base >= own,
            base + part.count <= own + bytes.count
        else { return }
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = (Int(bitPattern: base) + page - 1) / page * page
        let end = Int(bitPattern: base + part.count) / page * page
        guard start < end, let first = UnsafeMutableRawPointer(bitPattern: start) else { return }
        _ = madvise(first, end - start, MADV_DONTNEED)
    }

    /// Whether there is a file or folder at `path`.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names of what is in a folder, in no order; none where it can't be read.
    static func names(inFolder path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Whether there is a folder at `path`.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

extension Failure {
    /// The failure of a file that cannot be opened, by `errno`.
    static func cannotOpen(_ path: String) -> Failure {
        let missing = errno == ENOENT || errno == ENOTDIR
        return Failure(
            missing ? .missingInput : .io, "\(path): \(String(cString: strerror(errno)))")
    }
}
