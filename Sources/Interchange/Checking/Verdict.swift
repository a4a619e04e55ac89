public import Artifacts

/// What a check says of one file.
public struct Verdict: Hashable, Sendable, Encodable {
    /// Something that was found.
    public struct Problem: Hashable, Sendable, Encodable {
        /// `error`, or `note` for what readers ignore.
        public var severity: String
        /// The path inside the file.
        public var path: String
        /// What is wrong.
        public var message: String
    }

    /// The file, or `-`.
    public var file: String
    /// The kind of artifact; nil where it isn't one.
    public var artifact: String?
    /// The version of its schema.
    public var schemaVersion: String?
    /// Whether nothing is wrong.
    public var isValid: Bool
    /// What was found.
    public var problems: [Problem]

    private enum CodingKeys: String, CodingKey {
        case file, artifact, problems
        case schemaVersion = "schema_version"
        case isValid = "valid"
    }

    /// Checks a file, or standard input for `-`. What isn't an artifact, or is one of a newer
    /// version, isn't valid.
    ///
    /// - Throws: ``Artifacts/ArtifactError`` where there is no such file or it can't be read.
    public init(checking path: String) throws(ArtifactError) {
        file = path
        do {
            let opened = try ArtifactFile(path)
            artifact = opened.header.kind.rawValue
            schemaVersion = opened.header.version.description
            let diagnostics = try opened.check()
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
    public var summary: String { "\(artifact ?? "") \(schemaVersion ?? "")" }
}
