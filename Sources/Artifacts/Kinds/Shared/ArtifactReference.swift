/// A reference to another artifact: its kind, its digest, and the path it was read from.
package struct ArtifactReference: Hashable, Sendable {
    /// The other artifact's kind.
    package var kind: ArtifactKind
    /// Its digest.
    package var digest: String
    /// The path it was read from, `-` for stdin. A hint only: it isn't part of any digest.
    package var path: String

    /// Makes a reference from its parts.
    package init(kind: ArtifactKind, digest: String, path: String = "") {
        self.kind = kind
        self.digest = digest
        self.path = path
    }
}
