import Basics
import Glibc

/// A run of another executable.
enum ChildProcess {
    /// Runs an executable, and waits for its end.
    /// - Parameters:
    ///   - input: the file that is its standard input; nil for none.
    ///   - messages: the file that its standard error goes to; its standard output goes nowhere.
    ///   - temporaryFolder: its TMPDIR.
    /// - Returns: the exit status, 128 and the number of the signal that ended it.
    static func run(
        _ path: String, _ arguments: [String], input: String?, messages: String,
        temporaryFolder: String
    ) throws(Failure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(
            &actions, STDIN_FILENO, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, messages, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var words = ([path] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var variables = environment(temporaryFolder: temporaryFolder).map { strdup($0) }
        defer { for variable in variables { free(variable) } }
        variables.append(nil)
        var process = pid_t()
        let error = posix_spawn(&process, path, &actions, nil, words, variables)
        guard error == 0 else {
            throw Failure(.missingInput, "\(path): cannot run: \(String(cString: strerror(error)))")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else {
                throw Failure(.io, "\(path): cannot wait: \(String(cString: strerror(errno)))")
            }
        }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// The environment of this process with another folder for temporary files.
    private static func environment(temporaryFolder: String) -> [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        return variables.filter { !$0.hasPrefix("TMPDIR=") } + ["TMPDIR=" + temporaryFolder]
    }
}
