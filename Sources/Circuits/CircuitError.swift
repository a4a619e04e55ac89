/// Why a circuit computation can't be done: one line that says what is wrong and what to do.
public struct CircuitError: Error, CustomStringConvertible, Sendable {
    /// What sort of failure it is; each has its exit code.
    public enum Kind: Sendable {
        /// The request makes no sense, such as an unknown metric (exit code 64).
        case usage
        /// The data doesn't fit, such as a metric without its answers (65).
        case badData
        /// A fault of this software (70).
        case internalError
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
