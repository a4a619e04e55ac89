import Basics
import HDF5

/// An artifact that was read: its content, its digest and its origin.
package struct Artifact<Content: ArtifactContent>: Sendable {
    /// The content.
    package private(set) var content: Content
    /// The digest of the content.
    package let digest: String
    /// The chain of steps that made it.
    package let provenance: Provenance
    /// The path it was read from, or `-`.
    package let source: String
    /// The tree that was read, with what a newer version of the tools added and `content` lacks.
    let tree: ContentGroup

    init(
        _ tree: ContentGroup, header: ArtifactHeader, source: String
    ) throws(ArtifactError) {
        content = try Content(content: tree)
        digest = header.digest
        provenance = try Provenance(tree.group("provenance"))
        self.source = source
        self.tree = tree
    }

    /// The same artifact with a part of its content in place of the whole: one run of a circuit. Digest
    /// and provenance stay those of the whole, and `source` says which part it is.
    package func replacingContent(by part: Content) -> Artifact {
        var artifact = self
        artifact.content = part
        return artifact
    }

    /// This artifact as another one refers to it.
    package var reference: ArtifactReference {
        ArtifactReference(kind: Content.kind, digest: digest, path: source)
    }

    /// This artifact in a provenance record, as the input `name` of a tool.
    package func input(_ name: String) -> ProvenanceStep.Input {
        ProvenanceStep.Input(
            name: name, kind: Content.kind.rawValue, path: source, digest: digest)
    }
}

extension ArtifactContent {
    /// Reads an artifact of this kind from a path, or from stdin for `-`.
    package static func read(from argument: String) throws(ArtifactError) -> Artifact<Self> {
        try ArtifactFile(argument).read()
    }

    /// Writes an artifact with this content.
    ///
    /// - Parameters:
    ///   - output: where it is written.
    ///   - provenance: the whole chain, which ends with the step of the tool that writes.
    ///   - former: a file whose notes are copied.
    /// - Returns: the digest.
    /// - Throws: `usage` where the value contradicts itself, `io` where it can't be written.
    @discardableResult
    package func write(
        to output: ArtifactOutput, provenance: Provenance, notesOf former: ArtifactFile? = nil
    ) throws(ArtifactError) -> String {
        let content = try makeArtifact(provenance: provenance)
        try output.write(isSmall: true) { (file) throws(ArtifactError) in
            let root = try rethrowing { () throws(HDF5Error) in try file.root() }
            try former?.copyNotes(to: root)
            try ContentWriter.write(content, into: root)
        }
        return content.optionalText("digest") ?? ""
    }

    /// The digest of an artifact with this content.
    package func digest() throws(ArtifactError) -> String {
        try makeArtifact(provenance: Provenance()).optionalText("digest") ?? ""
    }

    /// Encodes the content as a whole artifact: with its kind, version, digest and provenance.
    func makeArtifact(provenance: Provenance) throws(ArtifactError) -> ContentGroup {
        var content = try makeContent()
        try content.complete(as: Self.kind, provenance: provenance)
        let errors = SchemaValidator.diagnose(content, against: try Self.kind.schema())
        // An invalid artifact (the wrong name of an ablation, an index out of range) isn't written.
        if let error = errors.first(where: { $0.severity == .error }) {
            throw ArtifactError(.usage, path: error.path, error.message)
        }
        return content
    }
}

extension ContentGroup {
    /// Adds what every artifact has at its root.
    mutating func complete(
        as kind: ArtifactKind, provenance: Provenance
    ) throws(ArtifactError) {
        set("artifact", kind.rawValue)
        set("schema_version", kind.currentVersion.description)
        groups["provenance"] = provenance.content
        set("digest", try digest())
    }
}
