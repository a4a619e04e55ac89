import Foundation
import Testing

@Suite("circuit-check")
struct CheckTests {
    @Test func everyKindIsValid() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let outcome = try shell.run("circuit-check *.h5")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.split(separator: "\n").count == 6)
        #expect(try shell.run("circuit-check --quiet *.h5").output.isEmpty)
        #expect(try shell.run("cat circuit.h5 | circuit-check -").status == 0)
    }

    @Test func json() throws {
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

    @Test func migratingTheCurrentVersionChangesNothing() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run(
            "sha256sum loose.h5 > before; circuit-check --migrate loose.h5 && sha256sum -c before")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("already up to date"))
        #expect(try shell.run("circuit-check --migrate - < loose.h5").status == 64)
    }
}
