import Artifacts
import Basics
import Foundation
import HDF5
import TestSupport
import Testing

/// Files from the future, from elsewhere, and from runs that were killed.
@Suite("Versions of schemas") struct VersionTests {
    /// A valid circuit, changed by `change`.
    private func file(
        in folder: borrowing ScratchFolder,
        _ change: (borrowing Group) throws(HDF5Error) -> Void
    ) throws -> String {
        let path = folder.path("c.h5")
        try CircuitArtifact.sample.write(to: ArtifactOutput(path), provenance: .sample())
        let file = try File.open(path, mode: .readWrite)
        try change(file.root())
        return path
    }

    private func expectRefusal(
        saying words: [String], sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (borrowing Group) throws(HDF5Error) -> Void
    ) throws {
        let folder = try ScratchFolder()
        let path = try file(in: folder, change)
        let error = #expect(throws: ArtifactError.self, sourceLocation: sourceLocation) {
            try CircuitArtifact.read(from: path)
        }
        #expect(error?.kind == .badData, sourceLocation: sourceLocation)
        #expect(error?.file == path, sourceLocation: sourceLocation)
        for word in words {
            #expect(
                error?.description.contains(word) == true, "\(String(describing: error))",
                sourceLocation: sourceLocation)
        }
    }

    @Test("A file of a newer minor version is read, and what it adds is ignored with a note")
    func newerMinor() throws {
        let folder = try ScratchFolder()
        let path = try file(in: folder) { root throws(HDF5Error) in
            try root.setAttribute("schema_version", "2.7.0")
            try root.setAttribute("colour", "red")
            try root.writeDataset("edges/weight", [1, 2, 3] as [UInt8])
            try root.createGroup("more").close()
        }
        #expect(try CircuitArtifact.read(from: path).content == .sample)
        let notes = try ArtifactFile(path).check().filter { $0.severity == .note }
        #expect(Set(notes.map(\.path)) == ["/@colour", "/edges/weight", "/more"])
        #expect(notes.allSatisfy { $0.message.hasSuffix("added by a newer version") })
    }

    @Test("A newer major version is refused with the version that is needed")
    func newerMajor() throws {
        try expectRefusal(saying: ["3.1.0", "reads 3.x"]) { root throws(HDF5Error) in
            try root.setAttribute("schema_version", "3.1.0")
        }
    }

    @Test("A file that requires an unknown feature is refused")
    func unknownFeature() throws {
        try expectRefusal(saying: ["'wavelets'", "circuit 2.0.0"]) { root throws(HDF5Error) in
            try root.setAttribute("schema_version", "2.0.0")
            try root.setAttribute("requires", ["wavelets"])
        }
    }

    @Test("A malformed version is refused")
    func malformedVersion() throws {
        for version in ["1", "1.0", "1.0.x", "", "1..0", "-1.0.0", "99999999999999999999.0.0"] {
            try expectRefusal(saying: ["schema_version"]) { root throws(HDF5Error) in
                try root.setAttribute("schema_version", version)
            }
        }
    }

    @Test("A file without a digest is refused as incomplete")
    func incompleteFile() throws {
        try expectRefusal(saying: ["incomplete", "run it again"]) { root throws(HDF5Error) in
            try root.deleteAttribute("digest")
        }
    }

    @Test("A file of another program, or of an unknown kind, is refused")
    func foreignFile() throws {
        try expectRefusal(saying: ["not an artifact of CircuitTools"]) { root throws(HDF5Error) in
            try root.deleteAttribute("artifact")
        }
        try expectRefusal(saying: ["unknown kind of artifact 'painting'"]) {
            root throws(HDF5Error) in
            try root.setAttribute("artifact", "painting")
        }
    }

    @Test("An artifact of another kind is refused")
    func otherKind() throws {
        let folder = try ScratchFolder()
        let path = try file(in: folder) { _ throws(HDF5Error) in }
        let error = #expect(throws: ArtifactError.self) { try DatasetArtifact.read(from: path) }
        #expect(error?.message == "it is of kind circuit, and dataset is needed")
        #expect(throws: ArtifactError.self) { try ActivationCache(path) }
    }

    @Test("A file of the current version is not rewritten")
    func currentVersion() throws {
        let folder = try ScratchFolder()
        let path = try file(in: folder) { _ throws(HDF5Error) in }
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(try !ArtifactFile(path).migrate { _ in step })
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    private let step = ProvenanceStep(
        tool: "circuit-check", version: "1", arguments: ["--migrate"])

    @Test("A file of an older version is rewritten with the current one")
    func olderVersion() throws {
        let folder = try ScratchFolder()
        let path = folder.path("c.h5")
        try Fixture.data("circuit/1.0.0/sample.h5").write(to: URL(filePath: path))
        let old = try CircuitArtifact.read(from: path)
        #expect(try ArtifactFile(path).migrate { _ in step })
        #expect(try ArtifactFile(path).header.version == ArtifactKind.circuit.currentVersion)
        let new = try CircuitArtifact.read(from: path)
        #expect(new.content == old.content && new.digest == old.digest)
        #expect(
            new.provenance.records.compactMap(\.step?.tool) == ["circuit-pairs", "circuit-check"])
    }

    /// A circuit of the metric `logit-diff` that says it is of version 1.3.0, whose files had the
    /// same paths, and metrics as minimised.
    private func olderCircuit(
        in folder: borrowing ScratchFolder
    ) throws -> (path: String, current: CircuitArtifact) {
        var stored = CircuitArtifact.sample
        stored.metric = "logit-diff"
        let path = folder.path("c.h5")
        try stored.write(to: ArtifactOutput(path), provenance: .sample())
        try File.open(path, mode: .readWrite).root().setAttribute("schema_version", "1.3.0")
        var current = stored
        func negate(_ value: inout Double) { value = 0 - value }
        negate(&current.fullMetric)
        negate(&current.circuitMetric)
        negate(&current.ablatedMetric)
        for decision in current.decisions.indices {
            negate(&current.decisions[decision].before)
            negate(&current.decisions[decision].after)
        }
        for run in current.runs.indices {
            negate(&current.runs[run].circuitMetric)
            for decision in current.runs[run].decisions.indices {
                negate(&current.runs[run].decisions[decision].before)
                negate(&current.runs[run].decisions[decision].after)
            }
        }
        return (path, current)
    }

    @Test("Metrics of an older major version, held as minimised, are read as they are named")
    func signOfMetrics() throws {
        let folder = try ScratchFolder()
        let (path, current) = try olderCircuit(in: folder)
        #expect(try CircuitArtifact.read(from: path).content == current)
        #expect(try CircuitArtifact.read(from: path).content.fullMetric.sign == .plus, "not -0")
        #expect(try ArtifactFile(path).check() == [])

        #expect(try ArtifactFile(path).migrate { _ in step })
        #expect(try ArtifactFile(path).check() == [])
        let migrated = try CircuitArtifact.read(from: path)
        #expect(try ArtifactFile(path).header.version == ArtifactKind.circuit.currentVersion)
        #expect(migrated.content == current)
        #expect(try migrated.digest == current.digest())
    }

    @Test("A file of an older major version that was changed is refused, and found by a check")
    func changedOlderFile() throws {
        let folder = try ScratchFolder()
        let (path, _) = try olderCircuit(in: folder)
        try File.open(path, mode: .readWrite).root().setAttribute("full_metric", 3.5)
        #expect(throws: ArtifactError.self) { try CircuitArtifact.read(from: path) }
        #expect(try ArtifactFile(path).check().map(\.path) == ["/@digest"])
    }

    /// A dataset with additions of a newer version keeps them, and its digest, inside a cache.
    @Test("A dataset of a newer minor version keeps its additions and its digest inside a cache")
    func newerDataset() throws {
        let folder = try ScratchFolder()
        let path = folder.path("d.h5")
        try DatasetArtifact.sample.write(to: ArtifactOutput(path), provenance: .sample())
        do {
            let file = try File.open(path, mode: .readWrite)
            let root = try file.root()
            try root.setAttribute("schema_version", "1.9.0")
            try root.setAttribute("language", "en")
        }
        let digest = try #require(
            ArtifactFile(path).check().first { $0.path == "/@digest" }?.message.suffix(64))
        do {
            let file = try File.open(path, mode: .readWrite)
            try file.root().setAttribute("digest", String(digest))
        }
        let dataset = try DatasetArtifact.read(from: path)
        var description = try SampleCache().description
        description.datasetDigest = dataset.digest
        description.hooks = []
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(folder.path("c.h5")), dataset: dataset, description: description,
            shapes: [:])
        try writer.finish(provenance: dataset.provenance)
        #expect(try ActivationCache(folder.path("c.h5")).dataset.digest == String(digest))
        let errors = try ArtifactFile(folder.path("c.h5")).check().filter { $0.severity == .error }
        #expect(errors == [])
    }

    @Test("Versions are compared number by number")
    func order() {
        #expect(SchemaVersion(1, 9, 9) < SchemaVersion(1, 10, 0))
        #expect(SchemaVersion("3.2.1") == SchemaVersion(3, 2, 1))
        #expect(SchemaVersion(3, 2, 1).description == "3.2.1")
    }

    @Test("Content of an older major version is migrated step by step")
    func migration() throws {
        let steps = (1...2).map { major in
            SchemaMigration(
                kind: .circuit, from: major, to: SchemaVersion(major + 1, 0, 0)
            ) { (content) throws(ArtifactError) in
                content.attributes["step_\(major)"] = .int64(major)
            }
        }
        var content = try CircuitArtifact.sample.makeContent()
        let changed = try SchemaMigration.migrate(
            &content, kind: .circuit, from: SchemaVersion(1, 4, 0), to: SchemaVersion(3, 0, 0),
            steps: steps)
        #expect(changed)
        #expect(content.attributes["step_1"] == .int64(1))
        #expect(content.attributes["step_2"] == .int64(2))
        #expect(content.attributes["schema_version"] == .string("3.0.0"))
        #expect(throws: ArtifactError.self) {
            try SchemaMigration.migrate(
                &content, kind: .circuit, from: SchemaVersion(1, 0, 0),
                to: SchemaVersion(4, 0, 0), steps: steps)
        }
    }
}
