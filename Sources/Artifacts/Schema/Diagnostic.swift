/// Something that a check found in an artifact.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Hashable, Sendable {
        /// The artifact isn't valid.
        case error
        /// Readers ignore it.
        case note
    }

    /// How bad it is.
    public var severity: Severity
    /// The path inside the file; an attribute follows its object's path after `@`.
    public var path: String
    /// What is wrong.
    public var message: String

    /// Makes a diagnostic from its parts.
    public init(_ severity: Severity = .error, path: String, _ message: String) {
        self.severity = severity
        self.path = path
        self.message = message
    }

    /// One line: the path and what is wrong.
    public var description: String { "\(path): \(message)" }
}
