/// Something that a check found in an artifact.
package struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    /// How serious a finding is.
    package enum Severity: String, Hashable, Sendable {
        /// The artifact isn't valid.
        case error
        /// The artifact is valid: readers ignore what was found.
        case note
    }

    /// How serious it is.
    package var severity: Severity
    /// The path inside the file, for an attribute `PATH@NAME`.
    package var path: String
    /// What is wrong.
    package var message: String

    /// Makes a diagnostic from its parts.
    package init(_ severity: Severity = .error, path: String, _ message: String) {
        self.severity = severity
        self.path = path
        self.message = message
    }

    /// One line: the path and what is wrong.
    package var description: String { "\(path): \(message)" }
}
