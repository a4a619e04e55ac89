/// Why something can't be written in another tool's format, or read from it, in one line.
public struct InterchangeError: Error, Hashable, CustomStringConvertible, Sendable {
    /// Whose fault it is, as the executables' exit codes distinguish it.
    public enum Kind: Hashable, Sendable {
        /// What was asked for makes no sense (exit code 64).
        case usage
        /// The input isn't what it should be (65).
        case badData
        /// A file or a program isn't there (66).
        case missingInput
        /// The system refused (74).
        case io
    }

    /// Whose fault it is.
    public var kind: Kind
    /// What is wrong, where, and what to do.
    public var description: String

    /// An error of `kind` that says `description`.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
