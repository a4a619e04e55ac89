import Artifacts
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("circuit-check")
struct CheckTests {
    @Test("Artifacts of every kind are valid, as files and from a pipe")
    func everyKind() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let outcome = try shell.run("circuit-check *.h5")
        #expect(outcome.status == 0, "\(outcome.output)")
        let files = try shell.run("ls *.h5").output.split(separator: "\n")
        #expect(outcome.output.split(separator: "\n").count == files.count && files.count > 6)
        #expect(try shell.run("circuit-check --quiet *.h5").output.isEmpty)
        #expect(try shell.run("cat circuit.h5 | circuit-check -").status == 0)
    }

    @Test("--json has a verdict for each file, with its problems")
    func json() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run("echo x > bad.h5; circuit-check --json loose.h5 bad.h5")
        #expect(outcome.status == 1)
        let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let verdicts = try #require(value as? [[String: Any]])
        #expect(verdicts.map { $0["valid"] as? Bool } == [true, false])
        #expect(verdicts[0]["artifact"] as? String == "circuit")
        #expect((verdicts[1]["problems"] as? [[String: Any]])?.isEmpty == false)
    }

    @Test("All files are checked, and each missing one is reported")
    func missingFiles() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run(
            "echo x > bad.h5; circuit-check none.h5 loose.h5 gone.h5 bad.h5 tight.h5")
        #expect(outcome.status == 66)
        #expect(outcome.errorLines.count == 2)
        #expect(outcome.errors.contains("none.h5") && outcome.errors.contains("gone.h5"))
        #expect(outcome.output.contains("loose.h5: valid circuit"))
        #expect(outcome.output.contains("tight.h5: valid circuit"))
        #expect(outcome.output.contains("bad.h5: ") && !outcome.output.contains(": /: "))
    }

    @Test("After a migration the verdict is about the new version")
    func migration() throws {
        let shell = try Shell()
        let old = Fixture.path("evaluation/1.0.0/sample.h5")
        let outcome = try shell.run("cp \(old) old.h5; circuit-check --migrate old.h5")
        #expect(outcome.status == 0)
        let version = ArtifactKind.evaluation.currentVersion
        #expect(outcome.output == "old.h5: valid evaluation \(version)\n", "\(outcome.output)")
    }

    @Test("--describe prints the page of a kind, and offers the kinds")
    func describe() throws {
        let shell = try Shell()
        let page = try shell.run("circuit-check --describe circuit-diff")
        let file = Fixture.path("../docs/format/circuit-diff.md")
        #expect(try page.output == String(contentsOfFile: file, encoding: .utf8))
        let unknown = try shell.run("circuit-check --describe painting")
        #expect(unknown.status == 64 && unknown.errors.contains("one of dataset, "))
    }

    /// Released files never change: in those of circuits before 2.0.1 the log and the circuit disagree, which
    /// nothing checked when they were made.
    @Test(
        "The golden files pass, but for circuits before 2.0.1, whose decision log contradicts them")
    func goldenFiles() throws {
        let files = Fixture.goldenFiles
        let outcome = try Shell().run(
            "circuit-check \(files.map { Fixture.path($0) }.joined(separator: " "))")
        let former = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "2.0.0"].map { "circuit/\($0)/sample.h5" }
        #expect(outcome.status == 1)
        for file in files {
            let path = Fixture.path(file)
            let isValid = outcome.output.contains("\(path): valid ")
            #expect(isValid != former.contains(file), "\(file)")
            let contradiction =
                "\(path): /decisions: the edge input->a0.h0<q> was removed, and /edges/in_circuit has it"
            #expect(outcome.output.contains(contradiction) == former.contains(file), "\(file)")
        }
    }

    @Test("--repair moves what was added to /notes, and the file is valid again")
    func repair() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let file = try File.open(shell.folder.path("loose.h5"), mode: .readWrite)
        try file.root().setAttribute("my_note", "tried twice")
        try file.close()
        let before = try shell.run("circuit-check loose.h5")
        #expect(before.status == 1 && before.output.contains("/@my_note: the attribute is no part"))
        #expect(before.output.split(separator: "\n").count == 1, "\(before.output)")
        let repaired = try shell.run("circuit-check --repair loose.h5")
        #expect(repaired.status == 0 && repaired.errors.contains("/@my_note is now in /notes"))
        #expect(try shell.run("circuit-show loose.h5").status == 0)
        #expect(try shell.run("circuit-check --repair - < loose.h5").status == 64)
    }

    @Test("A repair that can't be written is an error, and the other files are mended")
    func unwritableRepair() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        for name in ["loose.h5", "tight.h5"] {
            let file = try File.open(shell.folder.path(name), mode: .readWrite)
            try file.root().setAttribute("my_note", "tried twice")
            try file.close()
        }
        let outcome = try shell.run(
            """
            mkdir full && mv loose.h5 full && mkdir full/loose.h5.$$.partial
            exec circuit-check --repair full/loose.h5 tight.h5
            """)
        #expect(outcome.status == 74, "\(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains("full/loose.h5: "))
        #expect(outcome.output.contains("tight.h5: valid circuit"))
    }

    @Test("A file of the current version is not changed by --migrate")
    func currentVersion() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run(
            "sha256sum loose.h5 > before; circuit-check --migrate loose.h5 && sha256sum -c before")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("already up to date"))
        #expect(try shell.run("circuit-check --migrate - < loose.h5").status == 64)
    }
}
