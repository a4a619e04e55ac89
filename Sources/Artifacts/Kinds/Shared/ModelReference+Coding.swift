import Basics

extension ModelReference {
    /// Encodes the group `model`.
    var content: ContentGroup {
        var group = ContentGroup()
        group.set("name", name)
        group.set("path", path)
        group.set("digest", digest)
        group.set("family", family)
        return group
    }

    init(_ group: ContentGroup) throws(ArtifactError) {
        self.init(
            name: try group.text("name"), path: try group.text("path"),
            digest: try group.text("digest"), family: try group.text("family"))
    }

    /// The reference of the group `model` of `parent`, if it has one.
    static func optional(in parent: ContentGroup) throws(ArtifactError) -> ModelReference? {
        guard let group = parent.groups["model"] else { return nil }
        return try ModelReference(group)
    }
}

extension ArtifactReference {
    /// Encodes a group such as `subject`.
    var content: ContentGroup {
        var group = ContentGroup()
        group.set("kind", kind.rawValue)
        group.set("digest", digest)
        group.set("path", path)
        return group
    }

    init(_ group: ContentGroup) throws(ArtifactError) {
        let name = try group.text("kind")
        guard let kind = ArtifactKind(rawValue: name) else {
            throw ArtifactError(.badData, "unknown kind of artifact '\(name.prefix(80))'")
        }
        self.init(kind: kind, digest: try group.text("digest"), path: try group.text("path"))
    }
}
