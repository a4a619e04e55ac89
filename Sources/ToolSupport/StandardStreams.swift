import Glibc

/// The state of the three standard streams that the tools rely on.
package enum StandardStreams {
    /// Restores the default of SIGPIPE, so that a closed pipe ends the process quietly even where
    /// the parent ignored it, and fills descriptors that the parent left closed: a file opened
    /// later must not become "standard output" by accident.
    static func prepare() {
        signal(SIGPIPE, SIG_DFL)
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            // The wrong direction on purpose: using a closed stream stays an error.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Whether standard input is a terminal.
    package static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Whether standard output is a terminal.
    package static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard error is a terminal that can redraw a line.
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 && !terminalIsDumb }

    /// Whether to colour what goes to standard output: it is a terminal that knows colours, and the
    /// user didn't ask for none (`NO_COLOR`).
    package static var outputHasColours: Bool {
        outputIsTerminal && !terminalIsDumb && (environment("NO_COLOR") ?? "").isEmpty
    }

    /// The columns of the terminal on standard output, or nil where it isn't one.
    package static var outputWidth: Int? { width(of: STDOUT_FILENO) }

    static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    private static var terminalIsDumb: Bool { environment("TERM") == "dumb" }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
