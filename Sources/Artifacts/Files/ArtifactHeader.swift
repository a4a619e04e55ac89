import Basics

/// The header of an artifact, its root attributes: kind, version and digest.
package struct ArtifactHeader: Hashable, Sendable {
    /// The kind.
    package var kind: ArtifactKind
    /// The version of the kind's schema that the file follows.
    package var version: SchemaVersion
    /// The digest, as stored.
    package var digest: String
    /// Features that a reader must support, or else refuse the file.
    package var requires: [String]

    /// The features of `requires` that this version of the tools supports.
    static let understoodFeatures: Set<String> = []

    /// Reads the root attributes of an artifact.
    ///
    /// - Throws: `badData` where it isn't an artifact, isn't complete, or is too new.
    init(_ group: ContentGroup, path: String = "/") throws(ArtifactError) {
        func error(_ message: String) -> ArtifactError {
            ArtifactError(.badData, path: path, message)
        }
        guard let name = group.optionalText("artifact") else {
            throw error("not an artifact of CircuitTools: it has no attribute 'artifact'")
        }
        guard let kind = ArtifactKind(rawValue: name) else {
            throw error("unknown kind of artifact '\(name.prefix(80))'")
        }
        let text = group.optionalText("schema_version") ?? ""
        guard let version = SchemaVersion(text) else {
            throw error("its schema_version '\(text.prefix(80))' isn't three numbers such as 1.0.0")
        }
        let own = kind.currentVersion
        guard version.major <= own.major else {
            throw error(
                "it follows version \(version) of the schema \(name); these tools read up to "
                    + "\(own.major).x: get a version of CircuitTools that reads \(version.major).x")
        }
        requires = group.texts("requires")
        for feature in requires where !Self.understoodFeatures.contains(feature) {
            throw error(
                "it requires the feature '\(feature.prefix(80))', which these tools don't have: "
                    + "get a version of CircuitTools that writes \(name) \(version)")
        }
        guard let digest = group.optionalText("digest") else {
            throw error(
                "incomplete, it has no digest: the run that wrote it was stopped; run it again")
        }
        self.kind = kind
        self.version = version
        self.digest = digest
    }

    /// Refuses a kind other than `wanted`.
    func check(is wanted: ArtifactKind) throws(ArtifactError) {
        guard kind == wanted else {
            throw ArtifactError(
                .badData, "it is of kind \(kind.rawValue), and \(wanted.rawValue) is needed")
        }
    }
}
