package import Basics
import Glibc

/// The lines of standard input as they come: a program at the other end of a pipe gets its answer
/// before it writes the next line, and a file is read many lines at a time.
package struct InputLines: ~Copyable {
    /// A line, and its number counted from 1.
    package struct Line: Hashable, Sendable {
        /// Its number, from 1.
        package var number: Int
        /// Its text, without the newline.
        package var text: String
    }

    private static let longestLine = 64 << 20
    private var buffer: [UInt8] = []
    /// Where in `buffer` the next line starts.
    private var start = 0
    private var lineCount = 0
    private var hasEnded = false

    /// Reads standard input from where it is.
    ///
    /// - Throws: ``Failure``: usage where standard input is a terminal.
    package init(expecting what: String) throws(Failure) {
        guard !StandardStreams.inputIsTerminal else {
            throw Failure(
                .usage, "standard input is a terminal: give \(what) as arguments, or by a pipe")
        }
    }

    /// The next lines, at least one unless all were read: those that have come, up to `most`.
    ///
    /// - Throws: ``Failure``: bad data for a line of more than 64 MiB, I/O where reading fails.
    package mutating func next(_ most: Int) throws(Failure) -> [Line] {
        var lines: [Line] = []
        while lines.count < most {
            if let newline = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(line(upTo: newline))
                start = newline + 1
            } else if hasEnded {
                if start < buffer.count {
                    lines.append(line(upTo: buffer.count))
                    start = buffer.count
                }
                return lines
            } else if lines.isEmpty {
                try fill()
            } else {
                return lines
            }
        }
        return lines
    }

    private mutating func line(upTo end: Int) -> Line {
        lineCount += 1
        var text = buffer[start..<end]
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        return Line(number: lineCount, text: String(decoding: text, as: UTF8.self))
    }

    private mutating func fill() throws(Failure) {
        buffer.removeFirst(start)
        start = 0
        guard buffer.count <= Self.longestLine else {
            throw Failure(
                .badData,
                "standard input, line \(lineCount + 1): longer than \(Self.longestLine >> 20) MiB")
        }
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { bytes, count in
            var received = -1
            repeat {
                received = read(STDIN_FILENO, bytes.baseAddress, bytes.count)
            } while received < 0 && errno == EINTR
            count = max(0, received)
            hasEnded = received <= 0
            failure = received < 0 ? errno : 0
        }
        guard failure == 0 else {
            throw Failure(
                .io, "standard input: cannot read: \(String(cString: strerror(failure)))")
        }
        buffer += chunk
    }

    private var failure: Int32 = 0
}
