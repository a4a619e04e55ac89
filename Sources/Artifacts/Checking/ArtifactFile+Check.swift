import HDF5

extension ArtifactFile {
    /// Checks the artifact against its schema, its digests, the rules of its Swift type, and the chain
    /// of its provenance. Notes among the diagnostics tell what readers ignore.
    ///
    /// An artifact of an older version is held against the current one, after migration. The whole file
    /// is read, bulk data included.
    ///
    /// - Throws: where the file can't be read at all.
    package func check() throws(ArtifactError) -> [Diagnostic] {
        do throws(ArtifactError) {
            var reader = ContentReader(kind: header.kind, isVerifying: true)
            let content = try reader.read(rethrowing { () throws(HDF5Error) in try file.root() })
            // The digests are those of what is stored; the rules are those of the current version.
            var current = content
            _ = try SchemaMigration.migrate(
                &current, kind: header.kind, from: header.version, to: header.kind.currentVersion)
            let validator = SchemaValidator.validate(
                current, against: try header.kind.schema())
            var diagnostics = validator.diagnostics
            // The Swift types decode only content that is valid by its schema.
            if !diagnostics.contains(where: { $0.severity == .error }) {
                diagnostics += contentProblems(current)
            }
            diagnostics += reader.diagnostics
            // What was added is a finding of its own; the digest tells whether anything else changed.
            diagnostics += try Self.digestProblems(content.removing(validator.unknown), at: "/")
            diagnostics += Self.provenanceProblems(content, at: "/")
            return diagnostics
        } catch {
            throw error.named(name)
        }
    }

    /// The digests, of the artifact and of artifacts inside it, that don't match their content.
    private static func digestProblems(
        _ group: ContentGroup, at path: String
    ) throws(ArtifactError) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        let stored = group.optionalText("digest")
        if group.attributes["artifact"] != nil, let stored {
            let digest = try group.digest()
            if digest != stored {
                problems.append(
                    Diagnostic(
                        path: path + "@digest",
                        "the content was changed since it was written: its digest is now \(digest)")
                )
            }
        }
        for (name, inner) in group.groups.sorted(by: { $0.key < $1.key }) {
            problems += try digestProblems(inner, at: (path == "/" ? "/" : path + "/") + name)
        }
        return problems
    }

    /// The problems of the provenance of the artifact and of artifacts inside it.
    private static func provenanceProblems(
        _ group: ContentGroup, at path: String
    ) -> [Diagnostic] {
        let prefix = path == "/" ? "/" : path + "/"
        var problems: [Diagnostic] = []
        for (name, inner) in group.groups.sorted(by: { $0.key < $1.key }) {
            if name == "provenance", let chain = try? Provenance(inner) {
                problems += chain.problems(at: prefix + name)
            } else {
                problems += provenanceProblems(inner, at: prefix + name)
            }
        }
        return problems
    }

    /// The first rule of the kind's Swift type that valid content breaks.
    private func contentProblems(_ content: ContentGroup) -> [Diagnostic] {
        do throws(ArtifactError) {
            if let type = header.kind.contentType {
                _ = try type.init(content: content)
            } else {
                _ = try ActivationCache(self, isCheckingDigest: false)
            }
            return []
        } catch {
            return [Diagnostic(path: error.path, error.message)]
        }
    }
}
