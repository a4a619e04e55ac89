import Basics
import HDF5

/// An open artifact of any kind: its header was read, its content wasn't yet.
package final class ArtifactFile: Sendable {
    /// Its name as the user gave it: a path, or `-` for stdin, with the run where one is named.
    package let name: String
    /// The run of a circuit, or the prompt of attribution graphs, that the name says; nil for the artifact
    /// as a whole.
    package let run: Int?
    /// Its kind, version and digest.
    package let header: ArtifactHeader
    let file: File
    /// Size and time of the file when it was opened; nil for one that isn't on the disk.
    private let state: FileState?

    /// Opens an artifact: a path, or `-` for stdin, which may be a pipe or a regular file; `#` and a
    /// number after it name a run of a circuit or a prompt of attribution graphs (``ArtifactName``).
    ///
    /// - Throws: `missingInput` where there is no such file, `usage` where stdin is a terminal or a
    ///   run is named of what has none, `badData` where it isn't an artifact that these tools can read.
    package convenience init(_ argument: String) throws(ArtifactError) {
        let name = ArtifactName(argument)
        if name.isRunOfNothing {
            throw ArtifactError(
                .usage,
                "'\(argument)' names a run and no file: write the file before it, as in "
                    + "sweep.h5\(argument)")
        }
        if let file = name.fileOfNoRun {
            throw ArtifactError(
                .usage, file: file,
                "'\(argument.dropFirst(file.count))' names no run of it: runs are counted from 0, as "
                    + "in \(file)#0")
        }
        try self.init(path: name.path, name: name.description, run: name.run)
        if let run, ![.circuit, .attributionGraph].contains(header.kind) {
            throw ArtifactError(
                .usage, file: name.path,
                "it is of the kind \(header.kind.rawValue), and only circuits have runs, and attribution "
                    + "graphs prompts: leave out #\(run)")
        }
    }

    /// Opens the artifact at a path that names no run, whatever it ends with.
    package convenience init(whole path: String) throws(ArtifactError) {
        try self.init(path: path, name: path, run: nil)
    }

    private convenience init(path: String, name: String, run: Int?) throws(ArtifactError) {
        do throws(ArtifactError) {
            try self.init(name: name, run: run, ArtifactInput.open(path))
        } catch {
            throw error.named(path)
        }
    }

    /// Reads an artifact from an open pipe: into memory, or, if it is longer than `greatestImage`
    /// bytes, into a temporary file that is unlinked before this returns.
    package convenience init(
        pipe descriptor: Int32, greatestImage: Int
    ) throws(ArtifactError) {
        try self.init(
            name: "-", run: nil, ArtifactInput.read(descriptor, greatestImage: greatestImage))
    }

    private init(name: String, run: Int?, _ file: consuming File) throws(ArtifactError) {
        do throws(ArtifactError) {
            let root = try rethrowing { () throws(HDF5Error) in try file.root() }
            state = try rethrowing { () throws(HDF5Error) in try file.state() }
            header = try ArtifactHeader(ContentReader.attributes(of: root))
            self.file = file
            self.name = name
            self.run = run
        } catch {
            throw error.named(name)
        }
    }

    /// Reads the artifact, which must be of the kind of `Content`, as the Swift type of its kind. Where
    /// the name says a run, it is refused: `circuit(run:)` of `Graphs` reads that.
    ///
    /// - Throws: `usage` where the name says a run, and what ``readWhole(_:)`` throws.
    package func read<Content: ArtifactContent>(
        _ type: Content.Type = Content.self
    ) throws(ArtifactError) -> Artifact<Content> {
        if let run {
            throw ArtifactError(
                .usage, file: name, "an artifact is read as a whole here: leave out #\(run)")
        }
        return try readWhole()
    }

    /// Reads the artifact with all its runs, whichever its name says.
    ///
    /// It is migrated to the current version if it is older, validated against the schema, and checked
    /// against its digest.
    ///
    /// - Throws: `badData` with the first path at which the file isn't valid.
    package func readWhole<Content: ArtifactContent>(
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

    /// Refuses what came of this artifact if another process has changed its file since it was opened:
    /// mapped activations are those of the file as it is.
    ///
    /// - Throws: `badData` where size or time of the file are others.
    package func requireUnchanged() throws(ArtifactError) {
        guard let state else { return }
        let now = try rethrowing { () throws(HDF5Error) in try file.state() }
        guard now == state else {
            throw ArtifactError(
                .badData, file: name,
                "the file was changed while it was read: what came of it is of no file; run again")
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

    /// The digests of other artifacts that its root names: `dataset_digest`, `cache_digest` and so on.
    package func referencedDigests() throws(ArtifactError) -> [(attribute: String, digest: String)]
    {
        let root = try rethrowing { () throws(HDF5Error) in try file.root() }
        let attributes = try ContentReader.attributes(of: root).attributes
        return attributes.sorted { $0.key < $1.key }.compactMap { name, value in
            // That of a cache's inputs is of their description, not of an artifact.
            guard name.hasSuffix("_digest"), name != "inputs_digest",
                case .string(let digest) = value
            else { return nil }
            return (name, digest)
        }
    }

    /// The content as a tree; bulk data stay in the file.
    func loadContent() throws(ArtifactError) -> ContentGroup {
        var reader = ContentReader(kind: header.kind)
        return try reader.read(rethrowing { () throws(HDF5Error) in try file.root() })
    }
}

extension ContentGroup {
    /// Refuses an artifact that was changed since it was written.
    ///
    /// Bulk data aren't read: their stored SHA-256 is used, which `circuit-check` compares with the
    /// elements. Where a newer version of the tools added data of a type unknown here, without a
    /// SHA-256, the digest can't be computed and isn't checked.
    ///
    /// - Throws: `badData` where the digest doesn't match the content.
    func requireDigest(at path: String) throws(ArtifactError) {
        guard let stored = optionalText("digest"), let digest = try? digest(), digest != stored
        else { return }
        throw ArtifactError(
            .badData, path: (path == "/" ? path : path + "/") + "@digest",
            "the content was changed since it was written, and isn't what its provenance says: make "
                + "it anew")
    }

    /// Migrates an older artifact to the current version, and validates it against the schema.
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
    /// The same error with the name that the user gave, in place of that of a temporary file.
    func named(_ name: String) -> ArtifactError {
        var error = self
        error.file = name == "-" ? "standard input" : name
        return error
    }
}
