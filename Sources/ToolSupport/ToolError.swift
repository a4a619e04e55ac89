/// A failure that an executable itself finds, as opposed to one of the libraries under it.
public struct ToolError: ReportedError {
    /// The status the process ends with.
    public var exitStatus: ExitStatus
    /// One line: what is wrong, where, and what to do.
    public var message: String

    /// A failure that ends the process with `exitStatus` after printing `message`.
    public init(_ exitStatus: ExitStatus, _ message: String) {
        self.exitStatus = exitStatus
        self.message = message
    }

    /// The message, without the tool's name.
    public var description: String { message }
}

/// An error that a person can act on: its description is one line for stderr, and it says which
/// exit status belongs to it.
public protocol ReportedError: Error, CustomStringConvertible {
    /// The status the process ends with.
    var exitStatus: ExitStatus { get }
}
