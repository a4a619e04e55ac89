import TestSupport
import Testing

/// What tools say where a command line or a file is nearly right.
@Suite("Advice")
struct AdviceTests {
    private let demo = Fixture.path("models/demo")

    @Test(
        "A number below 0 that is taken for an option is written with =",
        arguments: [
            ("circuit-prune --edges -5 x.h5", "write a value below 0 as --edges=-5"),
            ("circuit-pairs ioi -n -3", "write a value below 0 as -n=-3"),
        ])
    func negativeValue(command: String, words: String) throws {
        let outcome = try Shell().run(command)
        #expect(outcome.status == 64 && outcome.errorLines.count == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test("What follows a # and is no run's number", arguments: ["#", "#-1", "#two"])
    func runName(name: String) throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            circuit-prune -q --known docstring -o c.h5
            circuit-show 'c.h5\(name)'
            """)
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(
            outcome.errors.contains(
                "'\(name)' names no run of it: runs are counted from 0, as in c.h5#0"),
            "\(outcome.errors)")
        let whole = try shell.run("cp c.h5 'c.h5\(name)'; circuit-show -q 'c.h5\(name)'")
        #expect(whole.status == 0, "\(whole.errors)")
        let missing = try shell.run("circuit-show 'no.h5\(name)'")
        #expect(missing.status == 66, "\(missing.errors)")
    }

    @Test("A key that stands twice in an object of pairs is an error that names it")
    func repeatedKey() throws {
        let shell = try Shell()
        let pair = "\"clean_ids\": [1, 2], \"corrupted_ids\": [1, 3], \"answer_ids\": [4]"
        for (text, words) in [
            ("{\(pair), \"answer_ids\": [5]}", "line 1: it has `answer_ids` twice"),
            ("{\(pair), \"positions\": {\"S\": 0, \"S\": 1}}", "line 1: it has `S` twice"),
            ("[{\(pair)}, {\(pair), \"clean_ids\": [1, 2]}]", "an object has `clean_ids` twice"),
            (
                "{\"prompts\": [{\"clean\": \"a\", \"corrupt\": \"b\", \"clean\": \"c\"}]}",
                "an object has `clean` twice"
            ),
        ] {
            let outcome = try shell.run(
                "echo '\(text)' > p.json; circuit-pairs --from p.json --model \(demo) -o d.h5")
            #expect(outcome.status == 65 && outcome.errors.contains(words), "\(outcome.errors)")
        }
        // The same key in different objects, and in a text, is none.
        let good = try shell.run(
            """
            echo '[{\(pair), "positions": {"clean_ids": 0}}, {\(pair), "note": "\\"clean_ids\\": 1"}]' > p.json
            circuit-pairs --from p.json --model \(demo) -o d.h5
            """)
        #expect(good.status == 0, "\(good.errors)")
    }

    @Test("Signed scores that leave few of the edges taken name --absolute")
    func scattered() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            circuit-pairs ioi --model \(demo) -n 4 -o d.h5
            circuit-score -q --method random d.h5 -o s.h5
            for n in 20 40 80 160 320 640; do circuit-prune --edges $n s.h5 -o c.h5; done
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        var warned = 0
        for line in outcome.errorLines where line.contains("edges taken, ") {
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            let (taken, kept) = (numbers[0], numbers[2])
            let warning = "only \(kept) of the \(taken) edges that were taken"
            let isWarned = outcome.errors.contains(warning)
            #expect(isWarned == (kept > 0 && 2 * kept < taken), "\(line)")
            warned += isWarned ? 1 : 0
        }
        #expect(warned > 0, "\(outcome.errors)")
        let absolute = try shell.run("circuit-prune --edges 20 --absolute s.h5 -o c.h5")
        #expect(!absolute.errors.contains("warning: only"))
    }

    @Test("Thresholds that a search tries are short, and a run at one of them is the same circuit")
    func shortThresholds() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let found = try shell.run("circuit-prune --edges 60 c.h5 -o c60.h5")
        #expect(found.status == 0, "\(found.errors)")
        let tried = found.errors.split(separator: "trying ").dropFirst().compactMap {
            $0.split(separator: "\n").first.map(String.init)
        }
        #expect(!tried.isEmpty && tried.allSatisfy { $0.count <= 9 }, "\(tried)")
        let spaced = try shell.run(
            """
            circuit-prune --thresholds 0.2:0.5:3 c.h5 -o r.h5
            circuit-show r.h5
            circuit-prune -q --threshold 0.316 c.h5 -o one.h5; circuit-diff 'r.h5#1' one.h5
            """)
        #expect(spaced.status == 0, "\(spaced.errors)")
        #expect(spaced.output.contains(" 0.316 "), "\(spaced.output)")
    }

    @Test("A shorter time limit keeps what a longer one has found")
    func shorterLimit() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        // A search that finished leaves no journal, so a shorter one begins anew.
        let outcome = try shell.run(
            """
            circuit-prune -q --thresholds 0.5,0.3,0.2 c.h5 -o p.h5; cp p.h5 whole.h5
            circuit-prune --thresholds 0.5,0.3,0.2 --time-limit 1e-9 c.h5 -o p.h5
            cmp p.h5 whole.h5
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("p.h5 has more of the same search"), "\(outcome.errors)")
        // Runs that the journal holds are all written, however short the limit.
        let resumed = try shell.run(
            """
            circuit-prune --thresholds 0.5,0.3,0.2 c.h5 -o p.h5; cmp p.h5 whole.h5 || circuit-diff p.h5 whole.h5
            """)
        #expect(resumed.status == 0, "\(resumed.errors)")
    }

    @Test("A report says the likeliest token's text, and JSON and pairs don't share an output")
    func report() throws {
        let shell = try Shell()
        let json = try shell.run(
            "circuit-pairs ioi --model \(demo) -n 2 --report --json | jq -r '.pairs[0].clean.likeliest_text'"
        )
        #expect(json.status == 0 && json.output.hasPrefix(" "), "\(json.output)\(json.errors)")
        let both = try shell.run(
            "circuit-pairs ioi --model \(demo) -n 2 --report --json -o - | cat")
        #expect(both.status == 64, "\(both.errors)")
        #expect(both.errors.contains("can't carry both the pairs and --json"))
        let file = try shell.run(
            "circuit-pairs ioi --model \(demo) -n 2 --report --json -o d.h5 | jq .metric")
        #expect(file.status == 0 && file.output.contains("logit-diff") && shell.has("d.h5"))
    }

    @Test("Titles have the words of the options: the direction of patching, a known circuit's name")
    func titles() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            circuit-pairs ioi --model \(demo) -n 2 -o d.h5
            circuit-patch -q d.h5 | circuit-show -q --svg - - | grep -c 'noising (corrupted into clean)'
            circuit-prune -q --known ioi | circuit-show -q --svg - - | grep -c 'known circuit ioi'
            """)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }
}
