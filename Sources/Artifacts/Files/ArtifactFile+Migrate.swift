import Basics
import HDF5

extension ArtifactFile {
    /// Writes this artifact in the current major version of its kind.
    ///
    /// - Parameters:
    ///   - output: where to.
    ///   - step: the step of the tool that migrates; the artifact's own chain goes before it.
    /// - Returns: the digest of what was written; nil, and nothing is written, where the artifact is of
    ///   the current major version already.
    /// - Throws: `badData` where there is no way from its version.
    package func migrate(
        to output: ArtifactOutput, step: ProvenanceStep
    ) throws(ArtifactError) -> String? {
        let current = header.kind.currentVersion
        guard header.version.major < current.major else { return nil }
        guard header.kind != .activationCache else {
            throw ArtifactError(
                .badData, file: name, "caches aren't migrated: make it again with circuit-cache")
        }
        do throws(ArtifactError) {
            var content = try loadContent()
            try content.validate(as: header)
            let chain = try Provenance(content.group("provenance"))
            try content.complete(
                as: header.kind, provenance: .appending(step, to: [chain]))
            try output.write(isSmall: true) { (file) throws(ArtifactError) in
                let root = try rethrowing { () throws(HDF5Error) in try file.root() }
                try ContentWriter.write(content, into: root)
            }
            return content.optionalText("digest")
        } catch {
            throw error.inFile(name)
        }
    }
}
