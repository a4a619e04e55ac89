import Basics
import HDF5

/// An open artifact of whatever kind: what it says of itself is known, its content isn't read yet.
package final class ArtifactFile: Sendable {
    /// The path, or `-` for stdin.
    package let name: String
    /// Its kind, version and digest.
    package let header: ArtifactHeader
    let file: File

    /// Opens an artifact: a path, or `-` for stdin, which may be a pipe or a regular file.
    ///
    /// - Throws: `missingInput` where there is no such file, `usage` where stdin is a terminal,
    ///   `badData` where it isn't an artifact that these tools can read.
    package convenience init(_ argument: String) throws(ArtifactError) {
        do throws(ArtifactError) {
            try self.init(name: argument, ArtifactInput.open(argument))
        } catch {
            throw error.named(argument)
        }
    }

    /// Reads an artifact from an open pipe: to memory, or past `greatestImage` bytes to a file that
    /// has no name any more once this returns.
    package convenience init(
        pipe descriptor: Int32, greatestImage: Int
    ) throws(ArtifactError) {
        try self.init(
            name: "-", ArtifactInput.read(descriptor, greatestImage: greatestImage))
    }

    private init(name: String, _ file: consuming File) throws(ArtifactError) {
        do throws(ArtifactError) {
            let root = try rethrowing { () throws(HDF5Error) in try file.root() }
            header = try ArtifactHeader(ContentReader.attributes(of: root))
            self.file = file
            self.name = name
        } catch {
            throw error.named(name)
        }
    }

    /// Reads the artifact, which must be of the kind of `Content`, as the Swift type of its kind.
    ///
    /// It is held against its schema and its digest, and brought to the current version if it is
    /// older.
    ///
    /// - Throws: `badData` that names the first path where the file isn't what it should be.
    package func read<Content: ArtifactContent>(
        _ type: Content.Type = Content.self
    ) throws(ArtifactError) -> Artifact<Content> {
        do throws(ArtifactError) {
            try header.check(is: Content.kind)
            let stored = try loadContent()
            var content = stored
            try content.validate(as: header)
            let artifact = try Artifact<Content>(content, header: header, source: name)
            try stored.requireDigest(at: "/")
            return artifact
        } catch {
            throw error.named(name)
        }
    }

    /// The chain of steps that made the artifact.
    package func provenance() throws(ArtifactError) -> Provenance {
        do throws(ArtifactError) {
            let group = try rethrowing { () throws(HDF5Error) in
                try file.root().group("provenance")
            }
            var reader = ContentReader(kind: header.kind)
            return try Provenance(reader.read(group))
        } catch {
            throw error.named(name)
        }
    }

    /// The content as a tree, bulk data left in the file.
    func loadContent() throws(ArtifactError) -> ContentGroup {
        var reader = ContentReader(kind: header.kind)
        return try reader.read(rethrowing { () throws(HDF5Error) in try file.root() })
    }
}

extension ContentGroup {
    /// Refuses an artifact that was changed since it was written. Bulk data stays unread: its stored
    /// SHA-256 stands for it, which `circuit-check` holds against the elements. What a newer version
    /// added in types of its own, without a SHA-256, leaves nothing to compare.
    ///
    /// - Throws: `badData` where the digest isn't that of the content.
    func requireDigest(at path: String) throws(ArtifactError) {
        guard let stored = optionalText("digest"), let digest = try? digest(), digest != stored
        else { return }
        throw ArtifactError(
            .badData, path: (path == "/" ? path : path + "/") + "@digest",
            "the content was changed since it was written, and isn't what its provenance says: make "
                + "it anew")
    }

    /// Brings an older artifact up to date and holds it against the schema.
    ///
    /// - Throws: `badData` with the first error and the number of the others.
    mutating func validate(as header: ArtifactHeader) throws(ArtifactError) {
        _ = try SchemaMigration.migrate(
            &self, kind: header.kind, from: header.version, to: header.kind.currentVersion)
        let errors = SchemaValidator.diagnose(self, against: try header.kind.schema())
            .filter { $0.severity == .error }
        guard let first = errors.first else { return }
        let others = errors.count > 1 ? " (and \(errors.count - 1) more: see circuit-check)" : ""
        throw ArtifactError(.badData, path: first.path, first.message + others)
    }
}

extension ArtifactError {
    /// The same error under the name that the user gave, and not where a pipe was kept.
    func named(_ name: String) -> ArtifactError {
        var error = self
        error.file = name == "-" ? "standard input" : name
        return error
    }
}
