/// Why a tokenizer could not be made or used, in one line.
public struct TokenizationError: Error, Hashable, CustomStringConvertible, Sendable {
    /// Whose fault it is, as the executables' exit codes distinguish it.
    public enum Kind: Hashable, Sendable {
        /// The file is damaged, or asks for something this tokenizer doesn't do.
        case badData
        /// A file isn't there or can't be opened.
        case missingInput
    }

    /// Whose fault it is.
    public var kind: Kind
    /// What is wrong, in which file, and what to do.
    public var description: String

    /// An error of `kind` that says `description`.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
