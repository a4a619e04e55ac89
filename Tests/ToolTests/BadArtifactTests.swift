import HDF5
import TestSupport
import Testing

/// Files that aren't what they should be: one clear line, and status 65 (1 from circuit-check).
@Suite("Executables given bad files")
struct BadArtifactTests {
    private func expectRefusal(
        _ shell: borrowing Shell, _ file: String, saying words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let show = try shell.run("circuit-show \(file)")
        #expect(show.status == 65, sourceLocation: sourceLocation)
        #expect(show.output.isEmpty, sourceLocation: sourceLocation)
        #expect(show.errorLines.count == 1, sourceLocation: sourceLocation)
        #expect(show.errors.contains(file), sourceLocation: sourceLocation)
        #expect(show.errors.contains(words), "\(show.errors)", sourceLocation: sourceLocation)
        let check = try shell.run("circuit-check \(file)")
        #expect(check.status == 1, sourceLocation: sourceLocation)
        #expect(check.output.contains(words), sourceLocation: sourceLocation)
    }

    @Test func notHDF5() throws {
        let shell = try Shell()
        _ = try shell.run("echo hello > text.h5")
        try expectRefusal(shell, "text.h5", saying: "HDF5")
    }

    @Test func foreignHDF5File() throws {
        let shell = try Shell()
        let file = try File.create(shell.folder.path("foreign.h5"))
        try file.root().setAttribute("title", "something else")
        try file.close()
        try expectRefusal(shell, "foreign.h5", saying: "not an artifact of CircuitTools")
    }

    @Test func newerMajorVersion() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let file = try File.open(shell.folder.path("loose.h5"), mode: .readWrite)
        try file.root().setAttribute("schema_version", "9.0.0")
        try file.close()
        try expectRefusal(shell, "loose.h5", saying: "9.0.0")
    }

    @Test func truncatedFile() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        _ = try shell.run("head -c 3000 loose.h5 > cut.h5")
        try expectRefusal(shell, "cut.h5", saying: "cut.h5")
    }

    @Test func changedContentIsFoundByItsDigest() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let file = try File.open(shell.folder.path("loose.h5"), mode: .readWrite)
        try file.root().setAttribute("metric", "logit-diff")
        try file.close()
        try expectRefusal(shell, "loose.h5", saying: "/@digest: the content was changed")
    }

    @Test func wrongKindIsNamed() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let outcome = try shell.run("circuit-diff dataset.h5 circuit.h5")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("dataset") && outcome.errors.contains("circuit"))
    }

    @Test func emptyPipe() throws {
        let outcome = try Shell().run("true | circuit-show -")
        #expect(outcome.status == 65)
        #expect(outcome.errorLines.count == 1)
    }
}
