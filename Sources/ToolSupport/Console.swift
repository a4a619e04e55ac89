import Basics
import Glibc
import Synchronization

/// What a tool says to the person who runs it, on stderr: never part of its output.
package enum Console {
    /// The name the tool was called by, which begins each of its messages.
    static let toolName: String = {
        let path = CommandLine.arguments.first ?? "circuit"
        return path.split(separator: "/").last.map(String.init) ?? path
    }()

    /// Whether a progress line stands at the cursor and must be cleared before anything is printed.
    private static let progressLine = Mutex(false)

    /// Prints the failure that ends the process.
    static func error(_ message: String) {
        print(oneLine(message))
    }

    /// Prints a warning, which even `--quiet` doesn't silence.
    package static func warning(_ message: String) {
        print("warning: " + oneLine(message))
    }

    /// Prints one line that begins with the tool's name, made ``Swift/StringProtocol/printable``.
    package static func print(_ message: String) {
        progressLine.withLock { drawn in
            emit((drawn ? "\r\u{1B}[K" : "") + "\(toolName): \(message.printableLines)\n")
            drawn = false
        }
    }

    /// Replaces the progress line by `text`; nil removes it.
    static func draw(progress text: String?) {
        progressLine.withLock { drawn in
            guard drawn || text != nil else { return }
            emit("\r" + (text ?? "") + "\u{1B}[K")
            drawn = text != nil
        }
    }

    private static func oneLine(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline)
            .map { line in
                var line = line[...]
                while line.first?.isWhitespace == true { line.removeFirst() }
                return String(line)
            }
            .joined(separator: " ")
    }

    /// Unbuffered, and without a check: there is nowhere left to report to. A reader that has gone
    /// must not end the work either, as SIGPIPE would: it is held back meanwhile.
    private static func emit(_ text: String) {
        var broken = sigset_t()
        var before = sigset_t()
        sigemptyset(&broken)
        sigaddset(&broken, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &broken, &before)
        write(text)
        var now = timespec()
        while sigtimedwait(&broken, nil, &now) == SIGPIPE {}
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    private static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { writeWhole($0, to: STDERR_FILENO) }
    }
}
