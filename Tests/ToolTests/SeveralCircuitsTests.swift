import Foundation
import TestSupport
import Testing

/// Several circuits, or the runs of one file, judged and compared together.
@Suite("Several circuits")
struct SeveralCircuitsTests {
    private func sweep() throws -> Shell {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune -q --thresholds 0.3,0.1,0.05 c.h5 -o sweep.h5
            circuit-score -q -m eap-ig-inputs --metric kl c.h5 -o s.h5
            circuit-prune -q --edges 40 s.h5 -o top.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        return shell
    }

    private func rows(_ json: [String: Any]) throws -> [[String: Any]] {
        try #require(json["circuits"] as? [[String: Any]])
    }

    private func value(_ row: [String: Any], _ name: String) throws -> Double {
        try #require((row[name] as? [String: Any])?["value"] as? Double)
    }

    @Test("circuit-eval of several files is a table of all circuits, as each is judged by itself")
    func table() throws {
        let shell = try sweep()
        let made = try shell.run(
            """
            circuit-eval --pairs c.h5 --percent 1,10 sweep.h5 top.h5 s.h5 -o e.h5 > text
            circuit-check -q e.h5 && cat text
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("Pareto front") && made.output.contains("its own"))
        let rows = try rows(shell.shown("e.h5"))
        #expect(
            rows.compactMap { $0["name"] as? String } == [
                "sweep.h5#0", "sweep.h5#1", "sweep.h5#2", "top.h5", "s.h5 1%", "s.h5 10%",
            ])
        for (row, file) in zip(rows, ["sweep.h5#0", "sweep.h5#1", "sweep.h5#2", "top.h5"]) {
            let alone = try shell.run("circuit-eval -q --pairs c.h5 --json '\(file)'").json()
            let figures = try #require(alone["figures"] as? [[String: Any]])
            for (name, figure) in [("metric", "metric-circuit"), ("faithfulness", "faithfulness")] {
                let expected = try #require(figures.first { $0["name"] as? String == figure })
                #expect(try value(row, name) == expected["value"] as? Double, "\(file) \(name)")
                #expect(
                    (row[name] as? [String: Any])?["lower"] as? Double
                        == expected["lower"] as? Double)
            }
            let edges = figures.first { $0["name"] as? String == "edges" }?["value"] as? Double
            #expect((row["edge_count"] as? Int).map(Double.init) == edges)
        }
        // The front by its definition; kl is the better the lower.
        for row in rows {
            let (edges, metric) = (row["edge_count"] as? Int ?? 0, try value(row, "metric"))
            let isDominated = try rows.contains {
                let (others, other) = ($0["edge_count"] as? Int ?? 0, try value($0, "metric"))
                return others <= edges && other <= metric && (others < edges || other < metric)
            }
            #expect(row["on_front"] as? Bool == !isDominated)
        }
        let drawn = try shell.run("circuit-show --svg - e.h5")
        #expect(drawn.output.contains("Pareto front") && drawn.output.contains("sweep.h5 (acdc)"))
        #expect(!drawn.output.contains("nan") && !drawn.output.contains("inf"))
    }

    @Test("A circuit that is given twice counts twice, and that is said")
    func repeats() throws {
        let shell = try sweep()
        let made = try shell.run(
            """
            cp top.h5 copy.h5
            circuit-eval --pairs c.h5 --json top.h5 sweep.h5 copy.h5 'sweep.h5#1'
            """)
        #expect(
            made.errors.contains("warning: copy.h5 and sweep.h5#1 were given before"),
            "\(made.errors)")
        #expect(try rows(made.json()).count == 6)
        let once = try shell.run("circuit-eval --pairs c.h5 top.h5 'sweep.h5#1' 'sweep.h5#2'")
        #expect(once.status == 0 && once.errors.isEmpty, "\(once.errors)")
        let stable = try shell.run("circuit-eval --stability top.h5 sweep.h5 top.h5")
        #expect(stable.errors.contains("warning: top.h5 was given before"), "\(stable.errors)")
    }

    @Test("The runs of one file have figures of their own, and the note says whose the others are")
    func runsOfOne() throws {
        let shell = try sweep()
        let outcome = try shell.run("circuit-eval --pairs c.h5 --json sweep.h5")
        #expect(outcome.errors.contains("the figures are of run 0 (threshold 0.3,"))
        #expect(try rows(outcome.json()).count == 3)
        let one = try shell.run("circuit-eval --pairs c.h5 --json 'sweep.h5#1'")
        #expect(one.errors.isEmpty && one.status == 0, "\(one.errors)")
        #expect(try one.json()["circuits"] == nil)
    }

    @Test("Held-out pairs are a fact of the table, not a complaint")
    func heldOut() throws {
        let shell = try sweep()
        let model = Fixture.path("models/demo")
        let made = try shell.run(
            """
            circuit-pairs -q ioi --model \(model) -n 4 --seed 9 -o other.h5
            circuit-eval --pairs other.h5 top.h5 > one 2> errors; cat errors >&2
            circuit-eval --pairs other.h5 top.h5 sweep.h5 2> /dev/null > two; cat one two
            """)
        #expect(made.status == 0 && made.errors.isEmpty, "\(made.errors)")
        let line = "held-out: judged on other pairs than it was made from"
        #expect(made.output.components(separatedBy: line).count == 3, "\(made.output)")
        let json = try shell.run("circuit-eval -q --json --pairs other.h5 top.h5").json()
        #expect(json["held_out"] as? Bool == true)
        let own = try shell.run("circuit-eval --pairs c.h5 top.h5")
        #expect(own.output.contains("judged on the pairs that it was made from"))
    }

    @Test("Files by different metrics need one to be judged by")
    func metrics() throws {
        let shell = try sweep()
        let refused = try shell.run(
            """
            circuit-score -q --metric logit-diff c.h5 | circuit-prune -q --edges 9 - -o other.h5
            circuit-eval --pairs c.h5 sweep.h5 other.h5
            """)
        #expect(refused.status == 64 && refused.errorLines.count == 1, "\(refused.errors)")
        #expect(refused.errors.contains("--metric") && refused.errors.contains("logit-diff"))
        let given = try shell.run(
            "circuit-eval -q --metric logit-diff --pairs c.h5 sweep.h5 other.h5")
        #expect(given.status == 0 && given.output.contains("logit-diff"), "\(given.errors)")
        for command in [
            "circuit-eval --pairs c.h5 --minimality sweep.h5 top.h5",
            "circuit-eval --truth ioi sweep.h5 top.h5", "circuit-eval sweep.h5 top.h5",
            "circuit-eval --pairs c.h5 - -", "circuit-eval --pairs c.h5 --absolute top.h5",
        ] {
            let refused = try shell.run(command)
            #expect(refused.status == 64 && refused.errorLines.count == 1, "\(refused.errors)")
        }
    }

    @Test("circuit-diff of more than two circuits is a matrix")
    func matrix() throws {
        let shell = try sweep()
        let outcome = try shell.run("circuit-diff --json sweep.h5 top.h5 'sweep.h5#1'")
        #expect(outcome.status == 1 && outcome.errors.isEmpty, "\(outcome.errors)")
        let json = try outcome.json()
        #expect(json["same"] as? Bool == false)
        let jaccard = try #require(json["edge_jaccard"] as? [[Double]])
        let shared = try #require(json["shared_edges"] as? [[Int]])
        #expect(jaccard.count == 5 && jaccard[1][4] == 1 && shared[1][4] == shared[1][1])
        let two = try shell.run("circuit-diff --json 'sweep.h5#2' top.h5").json()
        #expect(two["edge_jaccard"] as? Double == jaccard[2][3])
        let text = try shell.run("circuit-diff sweep.h5")
        #expect(text.status == 1 && text.output.contains("Jaccard index"))
        #expect(text.output.contains("sweep.h5#2"))
        let forced = try shell.run("circuit-diff --matrix top.h5 top.h5")
        #expect(forced.status == 0 && forced.output.contains("edges in both"))
        for command in [
            "circuit-diff top.h5", "circuit-diff --write union top.h5 sweep.h5 top.h5",
            "circuit-diff --top 3 top.h5 sweep.h5 top.h5",
        ] {
            let refused = try shell.run(command)
            #expect(refused.status == 64 && refused.errorLines.count == 1, "\(refused.errors)")
        }
    }

    @Test("A union of circuits of different ablations is refused in a line, and writes nothing")
    func ablations() throws {
        let shell = try sweep()
        let refused = try shell.run(
            """
            circuit-score -q --ablation zero c.h5 | circuit-prune -q --edges 40 --absolute - -o z.h5
            circuit-diff -q --write union top.h5 z.h5 -o u.h5
            """)
        #expect(refused.status == 65 && refused.errorLines.count == 1, "\(refused.errors)")
        #expect(refused.errors.contains("different ablations") && !shell.has("u.h5"))
    }

    @Test("Stability of scores: stored, shown, drawn, and a circuit of the stable edges")
    func stability() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 8)
        let made = try shell.run(
            """
            circuit-score -q --per-pair c.h5 -o s.h5
            circuit-eval --stability --best 20 --bootstrap 50 s.h5 -o stable.h5 > text
            circuit-check -q stable.h5
            circuit-prune --consensus 0.9 stable.h5 -o core.h5 && circuit-check -q core.h5
            circuit-show s.h5 | grep -o 'circuit-eval --stability'; circuit-show stable.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        for text in ["edges-ever", "edges-over-95%", "overlap-of-disjoint", "samples of the pairs"]
        {
            #expect(made.output.contains(text), "\(text)")
        }
        let json = try shell.shown("stable.h5")
        let edges = try #require(json["edges"] as? [[String: Any]])
        let shares = edges.compactMap { $0["stability"] as? Double }
        #expect(abs(shares.reduce(0, +) - 20) < 1e-9, "each sample has 20 edges")
        let core = try shell.shown("core.h5")
        #expect(core["nominal_edge_count"] as? Int == shares.count { $0 >= 0.9 })
        #expect(core["method"] as? String == "consensus")
        let drawn = try shell.run("circuit-show --svg - stable.h5")
        #expect(drawn.status == 0 && drawn.output.contains("overlap of the best 20 edges"))
        // The same seed gives the same content, another one doesn't.
        let again = try shell.run(
            """
            circuit-eval -q --stability --best 20 --bootstrap 50 s.h5 -o again.h5
            circuit-eval -q --stability --best 20 --bootstrap 50 --seed 1 s.h5 -o other.h5
            """)
        #expect(again.status == 0, "\(again.errors)")
        #expect(try shell.digest("again.h5") == shell.digest("stable.h5"))
        #expect(try shell.digest("other.h5") != shell.digest("stable.h5"))
    }

    @Test("Stability of circuits: the share that has an edge, and what each two share")
    func stabilityOfCircuits() throws {
        let shell = try sweep()
        let made = try shell.run(
            """
            circuit-eval --stability sweep.h5 top.h5 -o stable.h5 > text && circuit-check -q stable.h5
            circuit-prune -q --consensus 0.75 stable.h5 -o core.h5; cat text
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("share of circuits") && made.output.contains("jaccard-of-two"))
        let json = try shell.shown("stable.h5")
        let matrix = try shell.run("circuit-diff --json sweep.h5 top.h5 --matrix").json()
        #expect(
            json["shared_edges"] as? [[Int]] == matrix["shared_edges"] as? [[Int]]
                && json["shared_edges"] != nil)
    }

    @Test("What has no stability is refused in a line")
    func refused() throws {
        let shell = try sweep()
        let made = try shell.run(
            """
            circuit-score -q --per-pair c.h5 -o p.h5
            circuit-eval -q --pairs c.h5 top.h5 -o e.h5 > text
            """)
        #expect(made.status == 0, "\(made.errors)")
        let commands: [(String, Int32)] = [
            ("circuit-eval --stability --best 9 s.h5", 65),
            ("circuit-eval --stability top.h5", 64), ("circuit-eval --stability p.h5", 64),
            ("circuit-eval --stability --best 9 sweep.h5", 64),
            ("circuit-eval --stability --best 999999 p.h5", 64),
            ("circuit-eval --stability --best 9 p.h5 top.h5", 64),
            ("circuit-eval --stability --pairs c.h5 --best 9 p.h5", 64),
            ("circuit-eval --best 9 --pairs c.h5 p.h5", 64),
            ("circuit-prune --consensus 0.5 s.h5 -o x.h5", 65),
            ("circuit-prune --consensus 2 s.h5 -o x.h5", 64),
            ("circuit-prune --consensus 1 e.h5 -o x.h5", 65),
        ]
        for (command, status) in commands {
            let outcome = try shell.run(command)
            #expect(outcome.status == status, "\(command): \(outcome.errors)")
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.output.isEmpty && !shell.has("x.h5"))
        }
    }
}
