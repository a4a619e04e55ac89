/// The name of an artifact on a command line: a path, or `-` for standard input, and after a `#` one
/// of the runs that a circuit has: `sweep.h5#2`, `-#2`.
///
/// A file whose own name ends like that is meant as a whole where there is one.
package struct ArtifactName: Hashable, Sendable, CustomStringConvertible {
    /// The path, or `-`.
    package let path: String
    /// The run; nil for the artifact as a whole.
    package let run: Int?

    /// Reads a name.
    package init(_ argument: String) {
        guard let mark = argument.lastIndex(of: "#"), mark != argument.startIndex,
            let run = Self.number(argument[argument.index(after: mark)...]),
            SystemCalls.isRegularFile(atPath: argument) == nil
        else {
            (path, run) = (argument, nil)
            return
        }
        let path = String(argument[..<mark])
        self.path = path == Self.standardInput ? "-" : path
        self.run = run
    }

    /// The path by which a command line names a run of standard input: `-#2` would be read as an
    /// option, so ``argument(for:)`` puts this in its place.
    private static let standardInput = "/dev/stdin"

    /// An argument of a command line as a parser of options has to be given it.
    package static func argument(for argument: String) -> String {
        argument.hasPrefix("-#") ? standardInput + argument.dropFirst() : argument
    }

    /// The name as a user writes it.
    package var description: String { path + (run.map { "#\($0)" } ?? "") }

    /// Whether it is standard input, or a run of what comes from there.
    package var isStandardInput: Bool { path == "-" }

    /// The file that is meant where what follows a `#` is no run's number, as in `sweep.h5#` and
    /// `sweep.h5#-1`; nil where there is none, or one of that whole name.
    var fileOfNoRun: String? {
        guard run == nil, let mark = path.lastIndex(of: "#"), mark != path.startIndex,
            SystemCalls.isRegularFile(atPath: path) == nil
        else { return nil }
        let file = String(path[..<mark])
        return SystemCalls.isRegularFile(atPath: file) == nil ? nil : file
    }

    /// Whether it has a run's number and no file before it, as `#2` has, and no file is named so.
    var isRunOfNothing: Bool {
        path.first == "#" && Self.number(path.dropFirst()) != nil
            && SystemCalls.isRegularFile(atPath: path) == nil
    }

    /// The number that digits write, the largest there is where they are too many; nil of anything
    /// else.
    private static func number(_ digits: Substring) -> Int? {
        guard !digits.isEmpty,
            digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
        else { return nil }
        return Int(digits) ?? .max
    }
}
