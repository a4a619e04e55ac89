/// The content of one kind of artifact: a Swift value that is encoded as a tree of groups and
/// datasets, and decoded from one.
///
/// The types that conform are the only code that knows the paths of their kind inside a file.
package protocol ArtifactContent: Sendable {
    /// The kind.
    static var kind: ArtifactKind { get }

    /// Decodes a tree that was validated against the kind's schema.
    ///
    /// - Throws: `badData` where the content makes no sense although its schema allows it.
    init(content root: ContentGroup) throws(ArtifactError)

    /// Encodes the value as a tree.
    ///
    /// - Throws: `usage` where the value contradicts itself, such as columns of unequal length.
    func makeContent() throws(ArtifactError) -> ContentGroup
}
