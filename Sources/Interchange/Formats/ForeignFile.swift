package import Artifacts
package import Basics
import FoundationEssentials
import Glibc

/// A file of another tool that is read: its name for messages, its beginning, and its whole content
/// once asked for.
///
/// What comes through a pipe on standard input is copied to a temporary file that takes its place, so
/// that it can be looked at twice and mapped.
package final class ForeignFile: Sendable {
    /// The name in messages.
    package let name: String
    /// A path by which it is opened.
    let path: String
    /// Its first bytes, 4096 at most.
    let start: [UInt8]
    /// The copy of what came through a pipe, where it still has a name.
    private let copy: String?

    /// Opens the file at `argument`, `-` being standard input.
    /// - Throws: ``Basics/Failure``: missing input where there is none, bad data where it is no regular
    ///   file, usage where it is a terminal.
    package init(_ argument: String) throws(Failure) {
        if argument == "-" {
            name = "standard input"
            path = "/dev/stdin"
            guard isatty(STDIN_FILENO) == 0 else {
                throw Failure(.usage, "standard input is a terminal: give a file, or pipe one in")
            }
            copy = try Self.spoolStandardInput()
        } else {
            (name, path, copy) = (argument, argument, nil)
        }
        start = try Self.firstBytes(of: path, name: name)
        // An artifact is opened by its path.
        if let copy, !isHDF5 { unlink(copy) }
        guard !start.isEmpty else { throw Failure(.badData, "\(name): it is empty") }
    }

    /// Whether it is an HDF5 file, and so can only be an artifact.
    package var isHDF5: Bool {
        start.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
    }

    /// Whether it begins as zip files do, which those of PyTorch and NumPy are.
    var isZip: Bool { start.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

    deinit {
        if let copy { unlink(copy) }
    }

    /// Opens the artifact that it is.
    /// - Parameter argument: its name, with a run of a circuit if one is meant.
    package func artifact(_ argument: String) throws(ArtifactError) -> ArtifactFile {
        defer { if let copy { unlink(copy) } }
        return try ArtifactFile(argument)
    }

    /// The whole content of a file of text, in memory.
    func text() throws(Failure) -> [UInt8] {
        try FileContent.read(path == "/dev/stdin" ? "-" : path)
    }

    /// The content as JSON of a type, in which Python's `NaN` is null.
    func json<Value: Decodable>(_ type: Value.Type) throws(Failure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(PythonJSON.strict(try text())))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.badData, "\(name): \(JSONReading.reason(error))")
        }
    }

    /// The first bytes that aren't blank, as text.
    var textStart: String {
        String(decoding: start.drop { " \t\r\n".utf8.contains($0) }, as: UTF8.self)
    }

    /// Puts a temporary file in the place of a pipe on standard input; gives its path.
    private static func spoolStandardInput() throws(Failure) -> String? {
        var status = stat()
        if fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            return nil
        }
        let folder = TemporaryFolder.path
        var template = Array("\(folder)/circuittools.XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else {
            throw Failure(.io, "\(folder): \(String(cString: strerror(errno)))")
        }
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = String(cString: strerror(errno))
                close(file)
                unlink(path)
                throw Failure(.io, "standard input: \(reason)")
            }
            if count == 0 { break }
            guard buffer[..<count].withUnsafeBytes({ writeWhole($0, to: file) }) else {
                let reason = String(cString: strerror(errno))
                close(file)
                unlink(path)
                throw Failure(.io, "\(folder): cannot write: \(reason)")
            }
        }
        lseek(file, 0, SEEK_SET)
        dup2(file, STDIN_FILENO)
        close(file)
        return path
    }

    private static func firstBytes(of path: String, name: String) throws(Failure) -> [UInt8] {
        // A named pipe without a writer doesn't block, and is refused.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw Failure(.missingInput, "\(name): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(
                .badData, "\(name): not a regular file; what a pipe brings is read from '-'")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count >= 0 else {
            throw Failure(.io, "\(name): \(String(cString: strerror(errno)))")
        }
        return Array(bytes.prefix(count))
    }
}
