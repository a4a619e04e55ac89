import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("circuit-pairs --report, --check and --only-right")
struct PairReportTests {
    private let demo = Fixture.path("models/demo")
    private let untokenized = Fixture.path("models/tiny-gpt2")

    /// Pairs of IOI as a file of JSONL, of which those that `isExchanged` have the wrong answer as the
    /// right one.
    private func writePairs(
        _ count: Int, to file: String, in shell: borrowing Shell, _ isExchanged: (Int) -> Bool
    ) throws {
        let made = try shell.run("circuit-pairs ioi --model \(demo) -n \(count) -o ioi.h5")
        #expect(made.status == 0, "\(made.errors)")
        let pairs = try DatasetArtifact.read(from: shell.folder.path("ioi.h5")).content
        let lines = (0..<count).map { pair -> String in
            let answers = [pairs.answers[pair], pairs.wrongAnswers[pair]]
            let isExchanged = isExchanged(pair)
            return """
                {"clean_ids": \(pairs.clean.ids[pair]), "corrupted_ids": \(pairs.corrupted.ids[pair]), \
                "answer_ids": \(answers[isExchanged ? 1 : 0]), \
                "wrong_answer_ids": \(answers[isExchanged ? 0 : 1])}
                """
        }
        try Data(lines.joined(separator: "\n").utf8)
            .write(to: URL(fileURLWithPath: shell.folder.path(file)))
    }

    /// Four pairs, of which the third's answers are exchanged.
    private func mixedPairs(in shell: borrowing Shell) throws {
        try writePairs(4, to: "mixed.jsonl", in: shell) { $0 == 2 }
    }

    @Test("The JSON of --report has every pair, with its line, and their mean is the summary")
    func json() throws {
        let shell = try Shell()
        try mixedPairs(in: shell)
        let report = try shell.run(
            "circuit-pairs --from mixed.jsonl --model \(demo) --report --json")
        #expect(report.status == 0, "\(report.errors)")
        let json = try report.json()
        let pairs = try #require(json["pairs"] as? [[String: Any]])
        let outcomes = pairs.compactMap { $0["clean"] as? [String: Any] }
        #expect(pairs.compactMap { $0["from"] as? String } == (1...4).map { "line \($0)" })
        #expect(outcomes.compactMap { $0["right"] as? Bool } == [true, true, false, true])
        let clean = try #require(json["clean"] as? [String: Double])
        #expect(clean["right"] == 0.75)
        let metrics = outcomes.compactMap { $0["metric"] as? Double }
        #expect(abs((clean["metric"] ?? 0) - metrics.reduce(0, +) / 4) < 1e-9)
        #expect(json["metric"] as? String == "logit-diff" && json["verdict"] == nil)
    }

    @Test("The table begins with the pairs that the model does worst")
    func table() throws {
        let shell = try Shell()
        try mixedPairs(in: shell)
        let report = try shell.run(
            "circuit-pairs --from mixed.jsonl --model \(demo) --report --top 1 -o e.h5")
        let lines = report.output.split(separator: "\n")
        let first = try #require(lines.firstIndex { $0.contains("clean prompt") }) + 1
        #expect(lines[first].hasPrefix("  line 3") && lines[first].contains(" no "))
        #expect(lines[first + 1].contains("3 more"))
    }

    @Test("--only-right keeps the others, of a file and of a dataset")
    func onlyRight() throws {
        let shell = try Shell()
        try mixedPairs(in: shell)
        let kept = try shell.run(
            """
            circuit-pairs --from mixed.jsonl --model \(demo) -o all.h5 &&
            circuit-pairs --from mixed.jsonl --model \(demo) --only-right -o right.h5 &&
            circuit-pairs --from all.h5 --only-right -o again.h5
            """)
        #expect(kept.status == 0 && kept.errors.contains("keeps 3 of 4"), "\(kept.errors)")
        let contents = try ["all", "right", "again"].map {
            try DatasetArtifact.read(from: shell.folder.path("\($0).h5"))
        }
        #expect(contents.map(\.content.pairCount) == [4, 3, 3])
        #expect(
            contents[1].content.clean.ids == [0, 1, 3].map { contents[0].content.clean.ids[$0] })
        #expect(contents[2].content == contents[1].content)
        #expect(contents[2].provenance.records.count == 2)
    }

    @Test("Pairs that the model gets wrong, or whose sides are exchanged, are warned of")
    func warnings() throws {
        let shell = try Shell()
        try writePairs(8, to: "wrong.jsonl", in: shell) { _ in true }
        let outcome = try shell.run(
            "circuit-pairs --from wrong.jsonl --model \(demo) --report -o e.h5")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("warning: the model gets 8 of 8 pairs wrong"))
        #expect(outcome.errors.contains("warning: logit-diff is better after the corrupted"))
    }

    @Test("--check is green for a task, and red with status 1 for what the model can't do")
    func check() throws {
        let shell = try Shell()
        let good = try shell.run("circuit-pairs ioi --model \(demo) -n 24 --check")
        #expect(good.status == 0 && good.output.hasSuffix("verdict: green\n"), "\(good.output)")
        try writePairs(24, to: "wrong.jsonl", in: shell) { _ in true }
        let bad = try shell.run(
            "circuit-pairs --from wrong.jsonl --model \(demo) --check --json")
        #expect(bad.status == 1)
        let json = try bad.json()
        #expect(json["verdict"] as? String == "red")
        let checks = try #require(json["checks"] as? [[String: Any]])
        let accuracy = try #require(checks.first { $0["check"] as? String == "accuracy" })
        #expect(accuracy["verdict"] as? String == "red" && accuracy["value"] as? Double == 0)
        #expect((accuracy["advice"] as? String)?.isEmpty == false)
    }

    @Test("Answers of several tokens are reported by the metric that reads them")
    func severalTokens() throws {
        let shell = try Shell()
        let report = try shell.run(
            """
            echo '{"clean_ids": [1, 2], "corrupted_ids": [3, 2], "answer_ids": [[4, 5]]}' > p.jsonl
            circuit-pairs --from p.jsonl --model \(untokenized) --report --json
            """)
        #expect(report.status == 0, "\(report.errors)")
        #expect(try report.json()["metric"] as? String == "answer-log-prob")
        #expect(report.errors.contains("the metric is answer-log-prob"))
        let refused = try shell.run(
            "circuit-pairs --from p.jsonl --model \(untokenized) --report --metric nll -o e.h5")
        #expect(refused.status == 65 && refused.errors.contains("use --metric answer-log-prob"))
        let bare = try shell.run(
            """
            echo '{"clean_ids": [1, 2], "corrupted_ids": [3, 2]}' > b.jsonl
            circuit-pairs --from b.jsonl --model \(untokenized) --only-right -o e.h5
            """)
        #expect(bare.status == 65 && bare.errors.contains("line 1 has no answers"))
    }

    @Test(
        "Options without use are refused",
        arguments: [
            ("--from d.h5 --bos --check", "--bos has no use"),
            ("--from d.h5 --top 3 -o e.h5", "--top has no use"),
            ("--from d.h5 --json -o e.h5", "--json has no use"),
            ("--from d.h5 -n 9 --check", "2 pairs, and 9"),
        ])
    func useless(arguments: String, words: String) throws {
        let shell = try Shell()
        let outcome = try shell.run(
            "circuit-pairs ioi --model \(demo) -n 2 -o d.h5; circuit-pairs \(arguments)")
        #expect(outcome.status != 0 && outcome.errors.contains(words), "\(outcome.errors)")
    }
}
