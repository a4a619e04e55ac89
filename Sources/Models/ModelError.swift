/// Why a model can't be read: one line that says what is wrong, in which file, and what to do.
public struct ModelError: Error, CustomStringConvertible, Sendable {
    /// What sort of failure it is; each has its exit code.
    public enum Kind: Sendable {
        /// The request makes no sense, such as an unknown short name (exit code 64).
        case usage
        /// The file isn't what it should be (65).
        case badData
        /// There is no such file (66).
        case missingInput
        /// A fault of this software (70).
        case internalError
        /// The system refused: no permission, no memory (74).
        case io
    }

    /// The sort of failure.
    public let kind: Kind
    /// The line for people.
    public let description: String

    /// An error of `kind`, described in one line.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
