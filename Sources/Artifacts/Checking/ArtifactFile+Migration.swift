import Basics

extension ArtifactFile {
    /// Rewrites the file in place with the current schema version of its kind, if its own is older.
    ///
    /// - Parameter step: Makes the provenance record of the rewriting from what was read.
    /// - Returns: Whether the file was rewritten.
    /// - Throws: `usage` for an activation cache, which isn't migrated; `badData` or `io` where the
    ///   file can't be read, migrated or written.
    package func migrate(
        by step: ([ProvenanceStep.Input]) -> ProvenanceStep
    ) throws(ArtifactError) -> Bool {
        guard header.version < header.kind.currentVersion else { return false }
        guard let type = header.kind.contentType else {
            throw ArtifactError(
                .usage, file: name,
                "an activation cache isn't migrated; make it again with "
                    + "circuit-cache from its dataset, which is in it")
        }
        try rewrite(as: type, step)
        return true
    }

    private func rewrite<Content: ArtifactContent>(
        as type: Content.Type, _ step: ([ProvenanceStep.Input]) -> ProvenanceStep
    ) throws(ArtifactError) {
        let artifact = try read(type)
        let provenance = try Provenance.appending(
            step([artifact.input("old")]), to: [artifact.provenance])
        try artifact.content.write(to: ArtifactOutput(name), provenance: provenance)
    }
}
