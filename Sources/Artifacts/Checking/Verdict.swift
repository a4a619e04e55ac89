import Basics

/// The result of checking one file: whether it is a valid artifact, and what is wrong with it.
package struct Verdict: Hashable, Sendable, Encodable {
    /// One finding.
    package struct Problem: Hashable, Sendable, Encodable {
        /// `error`, or `note` for what readers ignore.
        package var severity: String
        /// The path inside the file.
        package var path: String
        /// What is wrong.
        package var message: String
    }

    /// The file, or `-`.
    package var file: String
    /// The kind of artifact; nil where the file isn't an artifact.
    package var artifact: String?
    /// The version of the schema that the file follows.
    var schemaVersion: String?
    /// Whether no problem is an error.
    package var isValid: Bool
    /// The findings.
    package var problems: [Problem]

    private enum CodingKeys: String, CodingKey {
        case file, artifact, problems
        case schemaVersion = "schema_version"
        case isValid = "valid"
    }

    /// Checks a file, or standard input for `-`. A file that isn't an artifact, or is one of a newer
    /// major version, isn't valid.
    ///
    /// - Parameters:
    ///   - path: the file; `-` is standard input.
    ///   - more: further checks, of an artifact that is valid so far.
    /// - Throws: ``ArtifactError`` where there is no such file or it can't be read.
    package init(
        checking path: String,
        _ more: (ArtifactFile) throws(ArtifactError) -> [Diagnostic] = { _ in [] }
    ) throws(ArtifactError) {
        file = path
        do {
            let opened = try ArtifactFile(whole: path)
            artifact = opened.header.kind.rawValue
            schemaVersion = opened.header.version.description
            var diagnostics = try opened.check()
            if !diagnostics.contains(where: { $0.severity == .error }) {
                diagnostics += try more(opened)
            }
            isValid = !diagnostics.contains { $0.severity == .error }
            problems = diagnostics.map { diagnostic in
                Problem(
                    severity: diagnostic.severity.rawValue, path: diagnostic.path,
                    message: diagnostic.message)
            }
        } catch {
            guard error.kind == .badData else { throw error }
            isValid = false
            problems = [Problem(severity: "error", path: error.path, message: error.message)]
        }
    }

    /// The kind and version, `circuit 1.0.0`.
    package var summary: String { "\(artifact ?? "") \(schemaVersion ?? "")" }
}
