/// What sort of failure an error reports. Each has its exit code of `sysexits.h`.
package enum FailureKind: Hashable, Sendable {
    /// What was asked for makes no sense, such as an unknown metric (64).
    case usage
    /// An input isn't what it should be, such as a truncated file (65).
    case badData
    /// A file or a program isn't there (66).
    case missingInput
    /// A fault of this software (70).
    case internalError
    /// The operating system refused: no space, no permission, no memory (74).
    case io
}

/// An error that a person can act on: its description is one line that says what is wrong, where, and
/// what to do.
package protocol ReportedError: Error, CustomStringConvertible {
    /// What sort of failure it is, which decides the exit code.
    var kind: FailureKind { get }
}

/// A failure described in one line: the error of every module that doesn't locate its errors inside a
/// file. Those that do have `ArtifactError` and `HDF5Error`.
package struct Failure: ReportedError, Hashable, Sendable {
    /// What sort of failure it is.
    package let kind: FailureKind
    /// What is wrong, where, and what to do.
    package let description: String

    /// A failure of `kind`, described in one line.
    package init(_ kind: FailureKind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
