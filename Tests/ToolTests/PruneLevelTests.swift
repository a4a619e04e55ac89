import Foundation
import TestSupport
import Testing

@Suite("circuit-prune at every level")
struct PruneLevelTests {
    static let levels = [
        ("--level layer", "layer"), ("--level head", "head"), ("--positions", "position"),
        ("--level head --positions", "position"),
    ]

    @Test(
        "ACDC's circuits of every level are stored, shown, judged and compared", arguments: levels)
    func everyLevel(options: String, level: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune \(options) --threshold 0.3 c.h5 -o p.h5 && circuit-check -q p.h5
            circuit-prune -q \(options) --threshold 0.2 c.h5 -o q.h5
            circuit-eval --pairs c.h5 p.h5 > eval && circuit-show p.h5 > shown || exit 9
            circuit-diff p.h5 q.h5 > diff; [ $? -le 1 ]
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(!made.errors.contains("differ"), "\(made.errors)")
        #expect(try shell.run("grep -c faithfulness eval").status == 0)
        #expect(try shell.run("grep -c Jaccard diff").status == 0)
        let circuit = try shell.shown("p.h5")
        #expect((circuit["graph"] as? [String: Any])?["level"] as? String == level)
        let edges = try #require(circuit["edges"] as? [[String: Any]])
        let names = edges.filter { $0["in_circuit"] as? Bool == true }.compactMap {
            $0["edge"] as? String
        }
        #expect(!names.isEmpty && names.allSatisfy { $0.contains("@") == (level == "position") })
        // A search leaves no loose ends, so every box is on a path from the input to the logits.
        let drawn = try shell.run("circuit-show --detail full --dot p.dot p.h5")
        #expect(drawn.status == 0 && !drawn.errors.contains("on no whole path"), "\(drawn.errors)")
    }

    @Test("A search from a circuit keeps only its edges, and starts from its metric")
    func start() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-score -q --method eap-ig-inputs --metric kl c.h5 -o s.h5
            circuit-prune -q --edges 300 --absolute s.h5 -o top.h5
            circuit-prune --start top.h5 --threshold 0.1 c.h5 -o p.h5 && circuit-check -q p.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        func kept(_ file: String) throws -> Set<String> {
            let edges = try #require(try shell.shown(file)["edges"] as? [[String: Any]])
            return Set(
                edges.filter { $0["in_circuit"] as? Bool == true }
                    .compactMap { $0["edge"] as? String })
        }
        let (top, found) = (try kept("top.h5"), try kept("p.h5"))
        #expect(found.isEmpty == false && found.isStrictSubset(of: top))
        // The first decision is made from the circuit as it was given.
        let log = try #require(
            try shell.shown("p.h5", options: "--decisions")["decisions"] as? [[String: Any]])
        let first = try #require(log.first?["before"] as? Double)
        let judged = try shell.run("circuit-eval --json --pairs c.h5 top.h5").json()
        let figures = try #require(judged["figures"] as? [[String: Any]])
        let figure = figures.first { $0["name"] as? String == "metric-circuit" }
        let metric = try #require(figure?["value"] as? Double)
        #expect(abs(first - metric) < 1e-4, "\(first) \(metric)")
        #expect(Set(log.compactMap { $0["edge"] as? String }).isSubset(of: top))
        // One run of several is named as elsewhere.
        let run = try shell.run(
            """
            circuit-prune -q --thresholds 0.1,0.05 c.h5 -o runs.h5
            circuit-prune -q --start runs.h5#1 --threshold 0.1 c.h5 -o r.h5
            circuit-prune -q --threshold 0.05 c.h5 -o one.h5
            circuit-prune -q --start one.h5 --threshold 0.1 c.h5 -o o.h5
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try kept("r.h5") == kept("o.h5"))
        // By position from a circuit that isn't; not the other way round.
        let finer = try shell.run(
            """
            circuit-prune -q --start p.h5 --positions --threshold 0.1 c.h5 -o f.h5
            circuit-check -q f.h5 && circuit-prune --start f.h5 --threshold 0.1 c.h5 -o g.h5
            """)
        #expect(finer.status == 64 && finer.errors.contains("f.h5: its edges are by position"))
        let files = (shell.has("f.h5"), shell.has("g.h5"))
        #expect(files == (true, false))
        let partial = try shell.run(
            "circuit-prune --start p.h5 --level head --threshold 0.1 c.h5 -o g.h5")
        #expect(
            partial.status == 64 && partial.errors.contains("only in part"), "\(partial.errors)")
    }

    @Test(
        "What has no sense at a level is refused",
        arguments: [
            "--level neuron --threshold 1 c.h5", "--level heads --threshold 1 c.h5",
            "--level head --edges 5 s.h5", "--start c.h5 --threshold 1 c.h5",
            "--start none.h5 --threshold 1 c.h5", "--start top.h5 --edges 5 s.h5",
            "--threshold 1 --start top.h5 c.h5 -o top.h5",
        ])
    func refusals(arguments: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-score -q c.h5 -o s.h5
            circuit-prune -q --edges 300 --absolute s.h5 -o top.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        let output = arguments.contains("-o ") ? "" : "-o x.h5"
        let refused = try shell.run("circuit-prune \(arguments) \(output)")
        #expect([64, 65, 66].contains(refused.status), "\(refused.errors)")
        #expect(refused.errorLines.count == 1, "\(refused.errors)")
        #expect(shell.has("x.h5") == false)
    }
}
