import TestSupport
import Testing

@Suite("circuit-steer")
struct SteerTests {
    private static let command =
        "circuit-steer --model \(Fixture.path("models/tiny-gpt2")) "
        + "--transcoders \(Fixture.path("attribution/sets/gpt2-clt")) --ids 2,17,33,45,9,17"

    @Test("A line of JSON a prompt, before and after")
    func json() throws {
        let outcome = try Shell().run(
            Self.command + " --set m0.f3@2=6 --set m1.f2@5=x0 --mode open --top 3 --tokens 2 --json"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count == 1)
        let line = try outcome.json()
        #expect(Set(line.keys) == ["ids", "clean", "steered", "generated"])
        #expect(line["ids"] as? [Int] == [2, 17, 33, 45, 9, 17])
        #expect((line["generated"] as? [Int])?.count == 2)
        for key in ["clean", "steered"] {
            let top = try #require((line[key] as? [String: Any])?["top"] as? [[String: Any]])
            #expect(top.count == 3)
            #expect(top.allSatisfy { $0["id"] is Int && $0["logit"] is Double })
            let probabilities = try top.map { try #require($0["probability"] as? Double) }
            #expect(probabilities == probabilities.sorted(by: >))
            #expect(probabilities.allSatisfy { $0 > 0 && $0 < 1 })
        }
    }

    @Test("Text is two tables side by side, tokens quoted")
    func text() throws {
        let outcome = try Shell().run(
            "circuit-steer --model \(Fixture.path("models/demo")) --transcoders "
                + "\(Fixture.path("transcoders/demo")) --set m3.f0@1=4 --top 3 --tokens 2 "
                + "'When Mary and John went to the store, John gave a drink to'")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 7, "\(outcome.output)")
        #expect(lines[0].hasSuffix("John gave a drink to\" (14 tokens)"))
        #expect(lines[1].contains("before") && lines[1].contains("after"))
        #expect(lines[3].contains("\" Mary\"") && lines[3].contains("%"))
        #expect(lines[6].hasPrefix("  generated: \""))
    }

    @Test("Generation past the context is refused before the model runs")
    func tooLong() throws {
        let outcome = try Shell().run(Self.command + " --set m0.f3@2=6 --tokens 60")
        #expect(outcome.status == 65)
        #expect(
            outcome.errors.contains("prompt 0, with what is generated, has 65 tokens"),
            "\(outcome.errors)")
    }

    @Test("Multiplying what isn't active is said to change nothing")
    func inactive() throws {
        let outcome = try Shell().run(Self.command + " --quiet --set m0.f3@0=x2 --json")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("m0.f3@0 isn't active"))
    }

    @Test(
        "What makes no sense is refused in one line",
        arguments: [
            ("--set m0.f3@9=1", "positions 0 to 5"), ("--set m0.f99@2=1", "features 0 to 15"),
            ("--set m0.f3=1", "m1.f17@5=0"), ("--set m0.f3@2=y", "m1.f17@5=0"),
            ("--set m0.f3@2=1 --mode closed", "'closed'"), ("", "--set"),
            ("--set m0.f3@2=1 --mode layers:0:9", "only 3 layers"),
            ("--set m0.f3@2=1 --mode direct --tokens 3", "direct"),
            ("--set m0.f3@9223372036854775807=1", "m1.f17@5=0"),
            ("--set m0.f3@9223372036854775807:=1", "m1.f17@5=0"),
            ("--set m0.f3@2=1 --tokens 9223372036854775807", "--tokens"),
            ("--vector v.h5", "--transcoders goes with --set or --mode"),
            ("--vector v.h5 --mode direct --tokens 2", "direct"),
            ("--vector v.h5 --positions 9223372036854775807", "--positions"),
        ])
    func refused(options: String, words: String) throws {
        let outcome = try Shell().run(Self.command + " " + options)
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
}
