import Foundation
import TestSupport
import Testing

@Suite("circuit-eval")
struct EvalTests {
    @Test("Scores are judged over sizes, and the artifact has what was printed")
    func scores() throws {
        let shell = try Shell()
        try shell.makeDemoCache()
        let made = try shell.run(
            """
            circuit-score -q --method eap c.h5 -o s.h5
            circuit-eval --pairs c.h5 --random 2 s.h5 -o e.h5 && circuit-check -q e.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        for text in ["cpr ", "cmd ", "cpr-random", "faithfulness-signed", "metric-full"] {
            #expect(made.output.contains(text))
        }
        // The artifact says what was printed, and how intervals were made.
        let json = try shell.shown("e.h5")
        let figures = try #require(json["figures"] as? [[String: Any]])
        let cpr = try #require(figures.first { $0["name"] as? String == "cpr" })
        let (value, lower, upper) = (
            try #require(cpr["value"] as? Double), try #require(cpr["lower"] as? Double),
            try #require(cpr["upper"] as? Double)
        )
        #expect(lower <= value && value <= upper && lower < upper)
        #expect((json["bootstrap"] as? [String: Any])?["samples"] as? Int == 1000)
        let curves = try #require(json["curves"] as? [[String: Any]])
        #expect((curves.first?["y"] as? [Double])?.last.map { abs($0 - 1) < 1e-4 } == true)
        let shown = try shell.run("circuit-show e.h5")
        #expect(shown.output.contains("cpr-random") && shown.output.contains("provenance"))
    }

    @Test("A circuit is judged by all that is asked for: edges, nodes, any ablation")
    func circuit() throws {
        let shell = try Shell()
        try shell.makeDemoCache()
        let made = try shell.run(
            """
            circuit-score -q c.h5 | circuit-prune -q --budget 60 --greedy - -o p.h5
            circuit-eval --pairs c.h5 --minimality --completeness 3 --random 2 --json p.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let json = try made.json()
        let names = (json["figures"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
        for name in [
            "edges", "nodes", "faithfulness", "metric-circuit", "incompleteness",
            "minimality-least", "faithfulness-random",
        ] {
            #expect(names?.contains(name) == true, "\(name)")
        }
        let circuit = try shell.shown("p.h5")
        let edges = (circuit["edges"] as? [[String: Any]])?.count {
            $0["in_circuit"] as? Bool == true
        }
        #expect((json["edges"] as? [[String: Any]])?.count == edges)
        #expect((circuit["nominal_edge_count"] as? Int ?? 0) >= edges ?? .max)
        let nodes = try shell.run(
            "circuit-eval --pairs d.h5 --completeness 2 --knockout nodes --bootstrap 0 p.h5")
        #expect(nodes.status == 0 && nodes.output.contains("incompleteness"))
        let optimal = try shell.run(
            "circuit-eval -q --pairs d.h5 --ablation optimal --ablation-steps 2 p.h5")
        #expect(optimal.status == 0 && optimal.output.contains("ablation optimal"))
    }

    @Test("One size has no area, and one pair has no intervals")
    func leftOut() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 1)
        let one = try shell.run(
            """
            circuit-score -q c.h5 -o s.h5
            circuit-eval --pairs c.h5 --percent 0 --random 2 --json s.h5
            """)
        #expect(one.status == 0, "\(one.errors)")
        let figures = try #require(one.json()["figures"] as? [[String: Any]])
        let names = figures.compactMap { $0["name"] as? String }
        // One size has no area, and one pair no spread.
        #expect(!names.contains { $0.hasPrefix("cpr") || $0.hasPrefix("cmd") })
        #expect(names.contains("metric-full") && !figures.contains { $0["lower"] is Double })
        #expect(try one.json()["bootstrap"] == nil)
        #expect(one.errors.contains("a single size") && one.errors.contains("one pair"))
        #expect(!["-0,", "-0]", "-0}"].contains(where: one.output.contains), "a zero has no sign")
        let drawings = figures.first { $0["name"] as? String == "random-drawings" }
        #expect(drawings?["value"] as? Double == 2)
        let tiny = try shell.run("circuit-eval -q --pairs c.h5 --percent 1e-300,50 s.h5")
        #expect(tiny.output.contains("1.00e-302"), "\(tiny.output)")
    }

    @Test("Constants of optimal ablation are fitted as when the circuit was found")
    func optimalConstants() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-score -q --ablation optimal --ablation-steps 3 --ablation-seed=7 c.h5 -o s.h5
            circuit-prune -q --edges 50 s.h5 -o p.h5
            circuit-eval --pairs c.h5 p.h5
            """)
        #expect(made.status == 0 && made.errors.contains("(3 steps, seed 7)"), "\(made.errors)")
        let other = try shell.run("circuit-eval --pairs c.h5 --ablation-steps 2 p.h5")
        #expect(other.errors.contains("(2 steps, seed 7)"), "\(other.errors)")
    }

    @Test("A search's circuits are judged as they are, without edges that it cut")
    func circuitsOfASearchHaveTheirOwnSizes() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune -q --thresholds 0.05,0.3 c.h5 -o runs.h5
            circuit-eval -q --pairs c.h5 --percent 0.1,5,50,100 --json runs.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let curves = try #require(try made.json()["curves"] as? [[String: Any]])
        let signed = try #require(curves.first { $0["name"] as? String == "faithfulness-signed" })
        let counts = try #require(signed["edge_counts"] as? [Int])
        let shown = try shell.run("circuit-show --json runs.h5").json()
        let runs = try #require(shown["runs"] as? [[String: Any]])
        let sizes = runs.compactMap { $0["edge_count"] as? Int }
        let largest = try #require(sizes.max())
        #expect(counts.first == 0 && counts.last == largest)
        #expect(counts.dropFirst().allSatisfy { $0 == 0 || sizes.contains($0) })
    }

    /// The same figures, whatever computes them and wherever they come from.
    @Test("Threads, pipes and caches do not change the figures")
    func invariance() throws {
        let shell = try Shell()
        try shell.makeDemoCache()
        let made = try shell.run(
            """
            circuit-score -q c.h5 -o s.h5
            circuit-eval -q --threads 1 --pairs c.h5 --percent 1,10 s.h5 -o - > one.h5
            circuit-eval -q --threads 3 --pairs c.h5 --percent 10,1 - < s.h5 -o three.h5
            cat c.h5 | circuit-eval -q --pairs - --percent 1,10 s.h5 -o piped.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let digests = try ["one.h5", "three.h5", "piped.h5"].map { try shell.digest($0) }
        #expect(Set(digests).count == 1)
    }

    @Test("A circuit or scores are held against a known circuit without a model")
    func knownCircuit() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-score -q --per-pair c.h5 -o s.h5
            circuit-prune -q --edges 40 --absolute s.h5 -o p.h5
            circuit-prune -q --thresholds 0.05,0.2 c.h5 -o runs.h5
            rm c.h5 d.h5
            circuit-eval --json --truth p.h5 s.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let figures = try #require(made.json()["figures"] as? [[String: Any]])
        let area = figures.first { $0["name"] as? String == "auc-trapezoid-absolute" }
        // What was taken from scores is found by them, but for its loose ends.
        #expect(try #require(area?["value"] as? Double) > 0.95)
        #expect(area?["lower"] is Double, "with scores per pair")
        let self1 = try shell.run("circuit-eval --truth p.h5 p.h5")
        #expect(self1.output.contains("recall") && self1.output.contains("auc-pessimistic-signed"))
        #expect(try shell.run("circuit-eval --truth p.h5 runs.h5").status == 0)
        let known = try shell.run("circuit-prune -q --known ioi | circuit-eval --truth ioi -")
        #expect(known.status == 0 && known.output.contains("963"))
    }

    @Test("A circuit of several thresholds is judged over sizes and as a circuit")
    func severalThresholds() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune -q --thresholds 0.05,0.2,0.5 c.h5 -o runs.h5
            circuit-eval -q --pairs c.h5 --percent 1,5,20 runs.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("cmd ") && made.output.contains("metric-circuit"))
    }

    @Test(
        "A command line that makes no sense is a usage error of one line",
        arguments: [
            "s.h5", "--pairs c.h5 --percent 1,x s.h5", "--pairs c.h5 --percent 1,1 s.h5",
            "--pairs c.h5 --percent 101 s.h5", "--truth p.h5 --minimality p.h5",
            "--pairs c.h5 --minimality s.h5", "--pairs c.h5 --confidence 1 s.h5",
            "--pairs c.h5 --bootstrap=-1 s.h5", "--pairs c.h5 --bootstrap 1 s.h5",
            "--pairs - --truth - s.h5",
            "--pairs c.h5 --json -o - s.h5", "--pairs c.h5 --metric size s.h5",
            "--pairs c.h5 --ablation some s.h5", "--pairs c.h5 s.h5 -o s.h5",
            "--pairs c.h5 s.h5 -o c.h5", "--pairs c.h5 --knockout heads p.h5",
            "--pairs c.h5 --completeness 99999 p.h5", "--pairs c.h5 --ablation-steps 3 p.h5",
        ])
    func usage(arguments: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-score -q c.h5 -o s.h5 && circuit-prune -q --edges 50 s.h5 -o p.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        let outcome = try shell.run("circuit-eval -q \(arguments)")
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test(
        "Input that is missing or does not fit is refused in one line, with its own status",
        arguments: [
            ("--truth none.h5 s.h5", 66, "none.h5"), ("--pairs none.h5 s.h5", 66, "none.h5"),
            ("--truth ioi none.h5", 66, "none.h5"), ("--truth ioi s.h5", 65, "another graph"),
            ("--pairs c.h5 d.h5", 65, "of kind dataset"),
            ("--pairs s.h5 s.h5", 65, "of kind edge-scores"),
            ("--truth s.h5 s.h5", 65, "edge-scores"), ("--pairs c.h5 other.h5", 65, "of the model"),
            ("--pairs c.h5 known.h5 --metric kl", 65, "another graph"),
            ("--pairs ids.h5 s.h5", 65, "no answers"),
            ("--pairs c.h5 s.h5 -o none/e.h5", 74, "none/e.h5"),
        ])
    func badInput(arguments: String, status: Int32, message: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        try shell.writeEveryKind()
        let made = try shell.run(
            """
            circuit-score -q c.h5 -o s.h5; mv edge-scores.h5 other.h5
            circuit-prune -q --known ioi -o known.h5
            echo '{"clean_ids": [1, 2, 3], "corrupted_ids": [1, 4, 3]}' > ids.jsonl
            circuit-pairs -q --from ids.jsonl --model \(Fixture.path("models/demo")) -o ids.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        let outcome = try shell.run("circuit-eval -q \(arguments)")
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }
}
