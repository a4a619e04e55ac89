import Basics
import Glibc

/// Reads whole files of other formats.
enum FileContent {
    /// The most bytes that are read into memory: far more than any dataset or circuit of text has.
    private static let largest = 1 << 30

    /// The bytes of the file at `path`, `-` being standard input.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let source = path == "-" ? "standard input" : path
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.missingInput, "\(source): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                if errno == EISDIR {
                    throw Failure(.missingInput, "\(source): it is a folder, and a file is read")
                }
                throw Failure(.io, "\(source): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= largest else {
                throw Failure(.badData, "\(source): it is larger than 1 GiB of text")
            }
        }
    }
}
