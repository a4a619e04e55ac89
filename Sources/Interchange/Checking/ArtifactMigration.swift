package import Artifacts
import Basics

/// Brings artifacts of an older schema version up to date.
package enum ArtifactMigration {
    /// Rewrites the file at `path` in place if its schema version is older than the current one.
    ///
    /// - Parameters:
    ///   - path: The artifact.
    ///   - step: Makes the provenance record of the rewriting from what was read.
    /// - Returns: Whether it was rewritten.
    /// - Throws: ``Artifacts/ArtifactError`` where it can't be read, migrated or written.
    package static func migrate(
        _ path: String, by step: ([ProvenanceStep.Input]) -> ProvenanceStep
    ) throws(ArtifactError) -> Bool {
        let file = try ArtifactFile(path)
        guard file.header.version < file.header.kind.currentVersion else { return false }
        switch file.header.kind {
        case .dataset: try rewrite(file, as: DatasetArtifact.self, step)
        case .patchEffects: try rewrite(file, as: PatchEffectsArtifact.self, step)
        case .edgeScores: try rewrite(file, as: EdgeScoresArtifact.self, step)
        case .circuit: try rewrite(file, as: CircuitArtifact.self, step)
        case .evaluation: try rewrite(file, as: EvaluationArtifact.self, step)
        case .circuitDiff: try rewrite(file, as: CircuitDiffArtifact.self, step)
        case .activationCache:
            throw ArtifactError(
                .usage, file: path,
                "an activation cache isn't migrated; make it again with "
                    + "circuit-cache from its dataset, which is in it")
        }
        return true
    }

    private static func rewrite<Content: ArtifactContent>(
        _ file: ArtifactFile, as type: Content.Type,
        _ step: ([ProvenanceStep.Input]) -> ProvenanceStep
    ) throws(ArtifactError) {
        let artifact = try file.read(type)
        let provenance = try Provenance.appending(
            step([artifact.input("old")]), to: [artifact.provenance])
        try artifact.content.write(to: ArtifactOutput(file.name), provenance: provenance)
    }
}
