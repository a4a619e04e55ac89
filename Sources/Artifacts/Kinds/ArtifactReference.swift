/// Another artifact, by what it is and where it was.
public struct ArtifactReference: Hashable, Sendable {
    /// The other artifact's kind.
    public var kind: ArtifactKind
    /// Its digest.
    public var digest: String
    /// The path it was read from, `-` for stdin. A hint: no part of a digest.
    public var path: String

    /// Makes a reference from its parts.
    public init(kind: ArtifactKind, digest: String, path: String = "") {
        self.kind = kind
        self.digest = digest
        self.path = path
    }
}
