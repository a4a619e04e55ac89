import HDF5

extension ArtifactFile {
    /// Everything that is wrong with the artifact: against its schema, its digest, the chain of its
    /// provenance, and what its Swift type demands. Notes say what readers ignore.
    ///
    /// All of the file is read, bulk data too.
    ///
    /// - Throws: where the file can't be read at all.
    package func check() throws(ArtifactError) -> [Diagnostic] {
        do throws(ArtifactError) {
            var reader = ContentReader(kind: header.kind, isVerifying: true)
            let content = try reader.read(rethrowing { () throws(HDF5Error) in try file.root() })
            var diagnostics = SchemaValidator.diagnose(content, against: try header.kind.schema())
            // The Swift types rely on what the schemas promise.
            if !diagnostics.contains(where: { $0.severity == .error }) {
                diagnostics += contentProblems(content)
            }
            diagnostics += reader.diagnostics
            diagnostics += try Self.digestProblems(content, at: "/")
            diagnostics += Self.provenanceProblems(content, at: "/")
            return diagnostics
        } catch {
            throw error.named(name)
        }
    }

    /// Whether the digests, of the artifact and of those inside it, are those of the contents.
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

    /// What the schema allows and the kind's Swift type refuses.
    private func contentProblems(_ content: ContentGroup) -> [Diagnostic] {
        do throws(ArtifactError) {
            let tree = ArtifactTree(content)
            switch header.kind {
            case .dataset: _ = try DatasetArtifact(content: tree)
            case .activationCache: _ = try ActivationCache(self, isCheckingDigest: false)
            case .patchEffects: _ = try PatchEffectsArtifact(content: tree)
            case .edgeScores: _ = try EdgeScoresArtifact(content: tree)
            case .circuit: _ = try CircuitArtifact(content: tree)
            case .evaluation: _ = try EvaluationArtifact(content: tree)
            case .circuitDiff: _ = try CircuitDiffArtifact(content: tree)
            }
            return []
        } catch {
            return [Diagnostic(path: error.path, error.message)]
        }
    }
}
