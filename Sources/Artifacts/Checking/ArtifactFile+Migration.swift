import Basics
import HDF5

extension ArtifactFile {
    /// Rewrites the file in place with the current schema version of its kind, if its own is older.
    ///
    /// - Parameter step: Makes the provenance record of the rewriting from what was read.
    /// - Returns: Whether the file was rewritten.
    /// - Throws: `badData` or `io` where the file can't be read, migrated or written.
    package func migrate(
        by step: ([ProvenanceStep.Input]) -> ProvenanceStep
    ) throws(ArtifactError) -> Bool {
        guard header.version < header.kind.currentVersion else { return false }
        if let type = header.kind.contentType {
            try rewrite(as: type, step)
        } else {
            let cache = try ActivationCache(self)
            let provenance = try Provenance.appending(
                step([cache.input("old")]), to: [cache.provenance])
            try cache.rewrite(to: ArtifactOutput(name), provenance: provenance, notesOf: self)
        }
        return true
    }

    private func rewrite<Content: ArtifactContent>(
        as type: Content.Type, _ step: ([ProvenanceStep.Input]) -> ProvenanceStep
    ) throws(ArtifactError) {
        let artifact = try read(type)
        let provenance = try Provenance.appending(
            step([artifact.input("old")]), to: [artifact.provenance])
        try artifact.content.write(
            to: ArtifactOutput(name), provenance: provenance, notesOf: self)
    }

    /// Copies its user's notes, if there are any, to the root of another file.
    func copyNotes(to root: borrowing Group) throws(ArtifactError) {
        do throws(HDF5Error) {
            let own = try file.root()
            switch try own.kind(of: ContentGroup.notesName) {
            case .group, .dataset: try own.copy(ContentGroup.notesName, to: root)
            case .other, nil: break
            }
        } catch {
            throw ArtifactError(error)
        }
    }
}
