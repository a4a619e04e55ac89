import Basics
import Glibc
import HDF5

extension ArtifactFile {
    /// Moves what the schema doesn't have into the group of notes, where a user's own additions may be,
    /// if the rest of the file is as it was written.
    ///
    /// The file is copied, the copy is changed, and takes the place of the file. A part that the copy
    /// doesn't have was moved by another process in the meantime.
    ///
    /// - Returns: the parts that had to be moved; none where nothing had to be.
    /// - Throws: `badData` where one can't be moved; `io` where the file can't be written.
    package func moveUnknownParts() throws(ArtifactError) -> [UnknownPart] {
        do throws(ArtifactError) {
            let stored = try loadContent()
            var content = stored
            _ = try SchemaMigration.migrate(
                &content, kind: header.kind, from: header.version, to: header.kind.currentVersion)
            let unknown = SchemaValidator.validate(
                content, against: try header.kind.schema()
            ).unknown
            guard !unknown.isEmpty else { return [] }
            try stored.removing(unknown).requireDigest(at: "/")
            let pending = try PendingOutput(ArtifactOutput(name))
            try pending.copy(name)
            try pending.change { (root) throws(HDF5Error) in
                for part in unknown { try root.moveToNotes(part) }
            }
            try pending.commit()
            return unknown
        } catch {
            throw error.named(name)
        }
    }
}

extension Group {
    /// Moves a part of the file, whose root this is, into the group of notes, as `PATH NAME` with
    /// spaces for slashes.
    fileprivate borrowing func moveToNotes(_ part: UnknownPart) throws(HDF5Error) {
        let notes = ContentGroup.notesName
        if try !contains(notes) { _ = try createGroup(notes) }
        let owner = part.owner.split(separator: "/").map(String.init)
        let name = (owner + [part.name]).joined(separator: " ")
        guard part.form == .attribute else {
            guard try contains(part.description) else { return }
            return try move(part.description, to: "/\(notes)/\(name)")
        }
        func moveAttribute<Owner: AttributeOwner & ~Copyable>(
            from owner: borrowing Owner
        ) throws(HDF5Error) {
            let group = try self.group(notes)
            guard let value = try owner.attribute(part.name) else { return }
            try group.setAttribute(name, value)
            try owner.deleteAttribute(part.name)
        }
        if part.owner == "/" { return try moveAttribute(from: self) }
        switch try kind(of: part.owner) {
        case .group: try moveAttribute(from: group(part.owner))
        case .dataset: try moveAttribute(from: dataset(part.owner))
        case .other, nil: break
        }
    }
}

extension PendingOutput {
    /// Copies the file at `source`.
    fileprivate func copy(_ source: String) throws(ArtifactError) {
        let descriptor = open(source, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ArtifactError(.io, file: source, "cannot open: \(SystemCalls.reason)")
        }
        defer { close(descriptor) }
        try fill(from: descriptor)
    }
}
