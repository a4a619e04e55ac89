/// The content of one kind of artifact: a Swift value that can become a tree of groups and
/// datasets, and be made from one.
///
/// The types that conform are the only code that knows their kind's paths inside a file.
package protocol ArtifactContent: Sendable {
    /// The kind.
    static var kind: ArtifactKind { get }

    /// Takes the value from a tree that was validated against the kind's schema.
    init(content: ArtifactTree) throws(ArtifactError)

    /// The value as a tree.
    ///
    /// - Throws: `usage` where the value contradicts itself, such as columns of unequal length.
    func makeContent() throws(ArtifactError) -> ArtifactTree
}

/// An artifact's content between its Swift type and its file; only this module looks inside.
package struct ArtifactTree: Sendable {
    package var root: ContentGroup

    package init(_ root: ContentGroup) {
        self.root = root
    }
}
