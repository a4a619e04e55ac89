import Artifacts
import Basics
import CHDF5
import Foundation
import HDF5
import TestSupport
import Testing

/// What a user adds to an artifact: free in `/notes`, refused by name anywhere else.
@Suite("Additions of users") struct NotesTests {
    /// A valid circuit, changed by `change`.
    private func circuit(
        in folder: borrowing ScratchFolder,
        _ change: (borrowing Group) throws(HDF5Error) -> Void
    ) throws -> String {
        let path = folder.path("c.h5")
        try CircuitArtifact.sample.write(to: ArtifactOutput(path), provenance: .sample())
        try change(File.open(path, mode: .readWrite).root())
        return path
    }

    private func addNotes(_ root: borrowing Group) throws(HDF5Error) {
        let notes = try root.createGroup("notes")
        try notes.setAttribute("author", "Ada")
        // Types that no schema has, and a link to another file, are nobody's business.
        try notes.writeDataset("bytes", [1, 2, 3] as [UInt8])
        _ = try notes.createGroup("deep/er")
    }

    @Test("The group /notes changes neither the content nor the digest")
    func notes() throws {
        let folder = try ScratchFolder()
        let path = try circuit(in: folder, addNotes)
        let file = H5Fopen(path, CHDF5_READ_WRITE(), CHDF5_DEFAULT())
        H5Lcreate_external("/etc/passwd", "/", file, "notes/link", CHDF5_DEFAULT(), CHDF5_DEFAULT())
        #expect(H5Fclose(file) >= 0)
        #expect(try CircuitArtifact.read(from: path).content == .sample)
        let found = try ArtifactFile(path).check()
        #expect(found.map(\.path) == ["/notes"] && found.map(\.severity) == [.note])
    }

    @Test("Notes may be a single dataset, and those of a dataset don't change a cache of it")
    func otherForms() throws {
        let folder = try ScratchFolder()
        let path = folder.path("d.h5")
        try DatasetArtifact.sample.write(to: ArtifactOutput(path), provenance: .sample())
        try File.open(path, mode: .readWrite).root().writeStrings("notes", ["a text"], shape: [])
        let dataset = try DatasetArtifact.read(from: path)
        #expect(try dataset.digest == DatasetArtifact.sample.digest())
        #expect(try ArtifactFile(path).check().map(\.severity) == [.note])
    }

    @Test("A migration keeps the notes")
    func migration() throws {
        let step = ProvenanceStep(tool: "circuit-check", version: "1", arguments: ["--migrate"])
        for golden in ["circuit/1.3.0", "activation-cache/1.0.0"] {
            let folder = try ScratchFolder()
            let path = folder.path("old.h5")
            try Fixture.data(golden + "/sample.h5").write(to: URL(filePath: path))
            try addNotes(File.open(path, mode: .readWrite).root())
            #expect(try ArtifactFile(path).migrate { _ in step })
            let notes = try File.open(path).root().group("notes")
            #expect(try notes.attribute("author") == .string("Ada"))
            #expect(try notes.dataset("bytes").read(as: UInt8.self) == [1, 2, 3])
            #expect(try ArtifactFile(path).check().map(\.path) == ["/notes"])
        }
    }

    @Test("Any other addition is the one error, and a repair moves it to the notes")
    func additions() throws {
        let folder = try ScratchFolder()
        let path = try circuit(in: folder) { root throws(HDF5Error) in
            try root.setAttribute("my_note", "tried twice")
            try root.group("graph").setAttribute("colour", 3)
            try root.dataset("edges/score").setAttribute("unit", "nats")
            try root.writeDataset("edges/weight", [0.5, 2])
            try root.createGroup("extra/inner").close()
        }
        let added = ["/@my_note", "/edges/score@unit", "/edges/weight", "/extra", "/graph@colour"]
        let found = try ArtifactFile(path).check()
        #expect(found.map(\.path).sorted() == added)
        #expect(found.allSatisfy { $0.severity == .error && $0.message.contains("/notes") })
        let error = #expect(throws: ArtifactError.self) { try CircuitArtifact.read(from: path) }
        #expect(error?.kind == .badData && error?.path == "/@my_note")

        let moved = try ArtifactFile(path).moveUnknownParts()
        #expect(moved.map(\.description).sorted() == added)
        #expect(try ArtifactFile(path).check().map(\.path) == ["/notes"])
        #expect(try CircuitArtifact.read(from: path).content == .sample)
        let notes = try File.open(path).root().group("notes")
        #expect(try notes.attribute("my_note") == .string("tried twice"))
        #expect(try notes.attribute("graph colour") == .int(3))
        #expect(try notes.attribute("edges score unit") == .string("nats"))
        #expect(try notes.dataset("edges weight").read(as: Double.self) == [0.5, 2])
        #expect(try notes.kind(of: "extra/inner") == .group)
        #expect(try ArtifactFile(path).moveUnknownParts().isEmpty)
    }

    @Test("A file that two processes repair at once is repaired")
    func repairedTwice() throws {
        let folder = try ScratchFolder()
        let path = try circuit(in: folder) { root throws(HDF5Error) in
            try root.setAttribute("my_note", "tried twice")
            try root.dataset("edges/score").setAttribute("unit", "nats")
            try root.writeDataset("edges/weight", [0.5, 2])
        }
        // Both have read the file as it was when the first one replaces it.
        let files = try [ArtifactFile(path), ArtifactFile(path)]
        for file in files { #expect(try file.moveUnknownParts().count == 3) }
        #expect(try ArtifactFile(path).check().map(\.path) == ["/notes"])
        #expect(try CircuitArtifact.read(from: path).content == .sample)
        let notes = try File.open(path).root().group("notes")
        #expect(try notes.attribute("my_note") == .string("tried twice"))
        #expect(try notes.dataset("edges weight").read(as: Double.self) == [0.5, 2])
    }

    @Test("A file that was changed besides isn't repaired, and both are said")
    func changed() throws {
        let folder = try ScratchFolder()
        let path = try circuit(in: folder) { root throws(HDF5Error) in
            try root.setAttribute("my_note", "tried twice")
            try root.setAttribute("full_metric", 99.5)
        }
        #expect(try ArtifactFile(path).check().map(\.path) == ["/@my_note", "/@digest"])
        let before = try Data(contentsOf: URL(filePath: path))
        let error = #expect(throws: ArtifactError.self) {
            try ArtifactFile(path).moveUnknownParts()
        }
        #expect(error?.path == "/@digest")
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test("A link outside the notes is refused by name")
    func links() throws {
        for target in ["/edges/score", "nowhere"] {
            let folder = try ScratchFolder()
            let path = try circuit(in: folder) { _ throws(HDF5Error) in }
            let file = H5Fopen(path, CHDF5_READ_WRITE(), CHDF5_DEFAULT())
            H5Lcreate_soft(target, file, "edges/alias", CHDF5_DEFAULT(), CHDF5_DEFAULT())
            #expect(H5Fclose(file) >= 0)
            let error = #expect(throws: ArtifactError.self) { try CircuitArtifact.read(from: path) }
            #expect(error?.kind == .badData && error?.path == "/edges/alias")
        }
    }
}
