import Basics

/// One step of a migration: it turns content of an older major version of a kind into the next one.
///
/// Between minor versions no step is needed: every reader of a major version reads all its minors.
package struct SchemaMigration: Sendable {
    /// The kind.
    package var kind: ArtifactKind
    /// The major version that is migrated.
    package var from: Int
    /// The version of the result.
    package var to: SchemaVersion
    /// Changes the content, except for the attribute `schema_version`, which `migrate` sets.
    package var apply: @Sendable (inout ContentGroup) throws(ArtifactError) -> Void

    /// Makes a step from its parts.
    package init(
        kind: ArtifactKind, from: Int, to: SchemaVersion,
        apply: @escaping @Sendable (inout ContentGroup) throws(ArtifactError) -> Void
    ) {
        self.kind = kind
        self.from = from
        self.to = to
        self.apply = apply
    }

    /// All steps.
    package static let all =
        CircuitArtifact.migrations + EdgeScoresArtifact.migrations + EvaluationArtifact.migrations
        + ActivationCache.migrations

    /// Migrates `content` to the major version of `wanted`, step by step.
    ///
    /// - Returns: whether it was changed.
    /// - Throws: `badData` where a step is missing.
    package static func migrate(
        _ content: inout ContentGroup, kind: ArtifactKind, from version: SchemaVersion,
        to wanted: SchemaVersion, steps: [SchemaMigration] = all
    ) throws(ArtifactError) -> Bool {
        var version = version
        var changed = false
        while version.major < wanted.major {
            let step = steps.first { $0.kind == kind && $0.from == version.major }
            guard let step, step.to.major > version.major else {
                throw ArtifactError(
                    .badData, "no way from version \(version) of \(kind.rawValue) to \(wanted)")
            }
            try step.apply(&content)
            content.set("schema_version", step.to.description)
            version = step.to
            changed = true
        }
        return changed
    }
}
