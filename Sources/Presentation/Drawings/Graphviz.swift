package import Basics
@preconcurrency import Glibc

/// Graphviz's program `dot`, which computes the layout of a graph.
package enum Graphviz {
    /// The SVG drawing of the graph that `dot` describes in DOT.
    ///
    /// - Throws: ``Failure``: missing input where Graphviz isn't installed, I/O where it
    ///   fails.
    package static func svg(dot source: String) throws(Failure) -> String {
        let input = try TemporaryFile()
        let output = try TemporaryFile()
        try input.write(source)
        let status = try run(["dot", "-Tsvg"], input: input.descriptor, output: output.descriptor)
        guard status == 0 else {
            if status == 127 << 8 { throw missing }
            throw Failure(.io, "Graphviz's dot failed (status \(status >> 8)); see above")
        }
        return try output.text()
    }

    private static let missing = Failure(
        .missingInput,
        "Graphviz isn't installed, and its dot lays circuits out; install it "
            + "(apt-get install graphviz), or use --dot and lay the graph out elsewhere")

    /// Runs a program with the given standard input and output.
    ///
    /// - Returns: Its status, as `waitpid` gives it.
    private static func run(
        _ arguments: [String], input: Int32, output: Int32
    ) throws(Failure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var pointers = arguments.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        pointers.append(nil)
        var process = pid_t()
        guard posix_spawnp(&process, arguments[0], &actions, nil, pointers, environ) == 0 else {
            throw missing
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 {
            guard errno == EINTR else {
                throw Failure(.io, "Graphviz's dot was lost; run it again")
            }
        }
        return status
    }
}

/// A temporary file that is unlinked at once. Unlike two pipes, two such files can carry any amount
/// of data to and from a program without a deadlock.
private struct TemporaryFile: ~Copyable {
    let descriptor: Int32

    init() throws(Failure) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(folder)/circuit-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else {
            throw Failure(
                .io, "\(folder): can't make a temporary file; set TMPDIR to a folder that can")
        }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    func write(_ text: String) throws(Failure) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard written > 0 || errno == EINTR else {
                throw Failure(.io, "a temporary file can't be written; is the disk full?")
            }
            start += max(0, written)
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    func text() throws(Failure) -> String {
        lseek(descriptor, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            guard count > 0 || errno == EINTR else {
                throw Failure(.io, "a temporary file can't be read")
            }
            bytes += chunk[..<max(0, count)]
        }
    }
}
