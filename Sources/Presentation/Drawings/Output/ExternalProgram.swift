import Basics
@preconcurrency import Glibc

/// Another program, to which a drawing is given and which gives it back in another form.
struct ExternalProgram {
    /// Its name and its arguments.
    var command: [String]
    /// What to say where it isn't installed.
    var missing: Failure

    /// What it writes to standard output when it is given `input` on standard input.
    ///
    /// - Throws: ``missing`` where it isn't installed, I/O where it fails; what it says itself is on
    ///   standard error.
    func output(from input: String) throws(Failure) -> [UInt8] {
        let source = try TemporaryFile()
        let result = try TemporaryFile()
        try source.write(input)
        let status = try run(input: source.descriptor, output: result.descriptor)
        guard status == 0 else {
            if status == 127 << 8 { throw missing }
            let reason =
                status & 0x7F == 0 ? "status \(status >> 8)" : "ended by signal \(status & 0x7F)"
            throw Failure(.io, "\(command[0]) failed (\(reason)); see what it says above")
        }
        return try result.bytes()
    }

    /// Runs the program.
    ///
    /// - Returns: Its status, as `waitpid` gives it.
    private func run(input: Int32, output: Int32) throws(Failure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var pointers = command.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        pointers.append(nil)
        var process = pid_t()
        guard posix_spawnp(&process, command[0], &actions, nil, pointers, environ) == 0 else {
            throw missing
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 {
            guard errno == EINTR else {
                throw Failure(.io, "\(command[0]) was lost; run it again")
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
        let folder = TemporaryFolder.path
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
        guard Array(text.utf8).withUnsafeBytes({ writeWhole($0, to: descriptor) }) else {
            throw Failure(.io, "a temporary file can't be written; is the disk full?")
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    func bytes() throws(Failure) -> [UInt8] {
        lseek(descriptor, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            guard count > 0 || errno == EINTR else {
                throw Failure(.io, "a temporary file can't be read")
            }
            bytes += chunk[..<max(0, count)]
        }
    }
}
