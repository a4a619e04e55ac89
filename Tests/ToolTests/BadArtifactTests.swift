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

    @Test("A file that is not HDF5 is refused as such")
    func notHDF5() throws {
        let shell = try Shell()
        _ = try shell.run("echo hello > text.h5")
        try expectRefusal(shell, "text.h5", saying: "HDF5")
    }

    @Test(
        "An empty name of an input is refused as such",
        arguments: [
            "circuit-show ''", "circuit-diff '' ''", "circuit-cache ''",
            "circuit-eval '' --pairs ''",
        ])
    func emptyName(command: String) throws {
        let made = try Shell().run(command)
        #expect(made.status == 64 && made.errorLines.count == 1, "\(made.errors)")
        #expect(made.errors.contains("the name of the input is empty"))
    }

    @Test("An HDF5 file of another program is refused as such")
    func foreignFile() throws {
        let shell = try Shell()
        let file = try File.create(shell.folder.path("foreign.h5"))
        try file.root().setAttribute("title", "something else")
        try file.close()
        try expectRefusal(shell, "foreign.h5", saying: "not an artifact of CircuitTools")
    }

    @Test("A newer major version is refused with its number")
    func newerVersion() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let file = try File.open(shell.folder.path("loose.h5"), mode: .readWrite)
        try file.root().setAttribute("schema_version", "9.0.0")
        try file.close()
        try expectRefusal(shell, "loose.h5", saying: "9.0.0")
    }

    @Test("A truncated file is refused by name")
    func truncatedFile() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        _ = try shell.run("head -c 3000 loose.h5 > cut.h5")
        try expectRefusal(shell, "cut.h5", saying: "cut.h5")
    }

    @Test("Content that was changed is found by its digest")
    func changedContent() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let file = try File.open(shell.folder.path("loose.h5"), mode: .readWrite)
        try file.root().setAttribute("metric", "logit-diff")
        try file.close()
        try expectRefusal(shell, "loose.h5", saying: "/@digest: the content was changed")
    }

    @Test("An artifact of the wrong kind is refused with both kinds")
    func wrongKind() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let outcome = try shell.run("circuit-diff dataset.h5 circuit.h5")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("dataset") && outcome.errors.contains("circuit"))
    }

    @Test("An empty pipe is bad data, in one line")
    func emptyPipe() throws {
        let outcome = try Shell().run("true | circuit-show -")
        #expect(outcome.status == 65)
        #expect(outcome.errorLines.count == 1)
    }
}
