import Foundation
import TestSupport
import Testing

@Suite("circuit-prune")
struct PruneTests {
    @Test("The number of threads does not change the circuit")
    func threads() throws {
        let shell = try Shell()
        try shell.makeDemoCache()
        let digests = try [1, 2, 3].map { threads in
            let made = try shell.run(
                "circuit-prune -q --threads \(threads) --threshold 0.05 c.h5 -o \(threads).h5")
            #expect(made.status == 0, "\(made.errors)")
            return try shell.digest("\(threads).h5")
        }
        #expect(Set(digests).count == 1)
    }

    @Test("Each of several thresholds has its run, the same as by itself")
    func thresholds() throws {
        let shell = try Shell()
        try shell.makeDemoCache()
        let made = try shell.run(
            """
            circuit-prune -q --thresholds 0.05,0.2 c.h5 -o both.h5 && circuit-check -q both.h5
            circuit-prune -q --threshold 0.2 c.h5 -o one.h5
            circuit-diff both.h5 one.h5
            """)
        #expect(made.status == 0, "\(made.output)\(made.errors)")
        let text = try shell.run("circuit-show both.h5").output
        #expect(text.contains("runs (") && text.contains("0.05") && text.contains("0.2"))
    }

    @Test("A range of thresholds gives all circuits inside of it")
    func breakPoints() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            "circuit-prune --thresholds 0.3:1 c.h5 -o all.h5 && circuit-check -q all.h5")
        #expect(made.status == 0, "\(made.errors)")
        let told = made.errors.split(separator: "\n").filter { $0.contains("so down to") }
        let shown = try shell.run("circuit-show --json all.h5").json()
        let runs = try #require(shown["runs"] as? [[String: Any]])
        #expect(runs.count == told.count && runs.count > 1)
        // The lowest threshold of the range has the circuit of the last stretch.
        let single = try shell.run(
            "circuit-prune -q --threshold 0.3 c.h5 -o one.h5 && circuit-show --json one.h5")
        let edges = try #require(try single.json()["edges"] as? [[String: Any]])
        let count = edges.count { $0["in_circuit"] as? Bool == true }
        #expect(runs.last?["edge_count"] as? Int == count)
    }

    @Test("A circuit decided from part of the pairs says so")
    func samplesOfPairs() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 16)
        let made = try shell.run(
            """
            circuit-prune -q --threshold 0.1 --pairs-per-test 4 --error-rate 0.05 c.h5 -o s.h5
            circuit-check -q s.h5 && circuit-show --json s.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let shown = try made.json()
        #expect(shown["pairs_per_test"] as? Int == 4 && shown["error_rate"] as? Double == 0.05)
    }

    @Test("--edges finds a circuit of that size, or says which sizes are nearest")
    func wantedSize() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let any = try shell.run("circuit-prune --threshold 0.28 c.h5 -o any.h5")
        let found = try #require(
            any.errors.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        let exact = try shell.run("circuit-prune --edges \(found) c.h5 -o exact.h5")
        #expect(exact.status == 0 && exact.errors.contains("\(found) of 927 edges kept"))
        // With one edge nothing leads from the input to the output unless it is that very edge.
        let none = try shell.run("circuit-prune --edges 1 c.h5 -o near.h5")
        #expect(none.status == 0)
        #expect(
            none.errors.contains("no threshold was found that gives exactly 1 edges")
                || none.errors.contains("1 of 927 edges kept"))
        if !none.errors.contains("1 of 927 edges kept") {
            // All circuits that were tried are there, and the nearest is the circuit itself.
            let sizes = try #require(shell.shown("near.h5")["runs"] as? [[String: Any]])
                .compactMap { $0["edge_count"] as? Int }
            let edges = try #require(shell.shown("near.h5")["edges"] as? [[String: Any]])
            let own = edges.count { $0["in_circuit"] as? Bool == true }
            #expect(sizes.contains(own) && sizes.allSatisfy { abs($0 - 1) >= abs(own - 1) })
        }
        #expect(none.errors.contains("; trying "))
        let many = try shell.run("circuit-prune --edges 928 c.h5 -o many.h5")
        #expect(many.status == 64 && many.errors.contains("927"))
    }

    @Test("What can't be given together is named, and the summary says whose run it is of")
    func words() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let two = try shell.run("circuit-prune -t 1 --edges 3 c.h5 -o x.h5")
        #expect(two.errors.contains("--threshold and --edges can't both be given"), "\(two.errors)")
        let three = try shell.run("circuit-prune -t 1 --edges 3 --percent 2 c.h5 -o x.h5")
        #expect(three.errors.contains("--threshold and --edges and --percent can't all be given"))
        let none = try shell.run("circuit-prune c.h5 -o x.h5")
        #expect(none.errors.contains("give one of --threshold, --thresholds, --edges"))
        let several = try shell.run("circuit-prune --thresholds 0.3,0.1 c.h5 -o x.h5")
        #expect(
            several.errorLines.last?.contains(": threshold 0.3: ") == true
                && several.errorLines.last?.contains(" edges kept, ") == true, "\(several.errors)")
        let orders = try shell.run("circuit-prune -t 0.3 --order library,cli c.h5 -o y.h5")
        #expect(
            orders.errorLines.last?.contains(": threshold 0.3, order library: ") == true,
            "\(orders.errors)")
    }

    @Test("A search whose time is up writes what it has found, and goes on from there")
    func timeLimit() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let short = try shell.run(
            """
            circuit-prune --thresholds 0.5,0.1,0.05 --time-limit 1e-9 c.h5 -o p.h5
            """)
        #expect(short.status == 0, "\(short.errors)")
        #expect(short.errors.contains("warning: the time limit has passed"), "\(short.errors)")
        #expect(short.errors.contains("longer --time-limit"), "\(short.errors)")
        let circuit = try shell.shown("p.h5")
        #expect(circuit["threshold"] as? Double == 0.5)
        #expect(shell.has("p.h5.journal") == true)
        let whole = try shell.run(
            """
            circuit-prune --thresholds 0.5,0.1,0.05 c.h5 -o p.h5
            circuit-prune -q --thresholds 0.5,0.1,0.05 c.h5 -o q.h5
            """)
        #expect(whole.errors.contains("going on after"), "\(whole.errors)")
        #expect(try shell.digest("p.h5") == shell.digest("q.h5"))
        #expect(shell.has("p.h5.journal") == false)
    }

    @Test("Several thresholds in several orders give a run for each of both, which progress names")
    func thresholdsAndOrders() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune --thresholds 0.2,0.1 --order cli,library c.h5 -o o.h5
            circuit-check -q o.h5
            circuit-prune -q --threshold 0.1 --order library c.h5 -o one.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let shown = try shell.shown("o.h5")
        let runs = try #require(shown["runs"] as? [[String: Any]])
        #expect(runs.compactMap { $0["threshold"] as? Double } == [0.2, 0.1, 0.2, 0.1])
        #expect(
            runs.compactMap { $0["order"] as? String } == ["cli", "cli", "library", "library"])
        let sizes = runs.compactMap { $0["edge_count"] as? Int }
        #expect(made.errors.contains("threshold 0.1, order library: \(sizes[3]) edge"))
        let one = try #require(shell.shown("one.h5")["edges"] as? [[String: Any]])
        #expect(one.count { $0["in_circuit"] as? Bool == true } == sizes[3])
        let text = try shell.run("circuit-show o.h5").output
        #expect(text.contains("edges kept in all 2 runs"), "\(text)")
    }

    @Test("Several orders give the share of runs that keep each edge")
    func orders() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune -q --threshold 0.1 --order cli,library c.h5 -o o.h5
            circuit-check -q o.h5 && circuit-show o.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("cli") && made.output.contains("library"))
        // The stable core: what every order keeps.
        #expect(made.output.contains("edges kept in all 2 runs"))
        #expect(made.output.contains("2 of 2"))
        let edges = try #require(try shell.shown("o.h5")["edges"] as? [[String: Any]])
        let shares = Set(edges.compactMap { $0["kept_share"] as? Double })
        #expect(shares.contains(1) && shares.isSubset(of: [0, 0.5, 1]))
    }

    @Test(
        "The best edges by scores make a circuit that says how it was taken",
        arguments: [
            ("--edges 40", "top-n", "signed"), ("--percent 5 --absolute", "top-n", "absolute"),
            ("--budget 40 --greedy", "greedy", "signed"),
            ("--threshold 0.05", "threshold", "signed"),
        ])
    func scores(options: String, method: String, order: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-score -q c.h5 -o s.h5
            circuit-prune \(options) s.h5 -o p.h5 && circuit-check -q p.h5
            circuit-prune -q \(options) - < s.h5 | circuit-diff p.h5 -
            """)
        #expect(made.status == 0, "\(made.output)\(made.errors)")
        let json = try shell.shown("p.h5")
        #expect(json["method"] as? String == method && json["order"] as? String == order)
        let nominal = try #require(json["nominal_edge_count"] as? Int)
        let edges = try #require(json["edges"] as? [[String: Any]])
        let count = edges.count { $0["in_circuit"] as? Bool == true }
        #expect(count <= nominal && nominal > 0)
        #expect(made.errors.contains("\(nominal) of 927 edges taken, \(count) without loose ends"))
        if options.contains("--budget") { #expect(count <= 40) }
        #expect(json["scores_digest"] as? String == (try shell.digest("s.h5")))
    }

    @Test(
        "Options of a search are refused for scores",
        arguments: [
            "--thresholds 1:2", "--edges 4 --metric nll", "--edges 4 --ablation zero",
            "--edges 4 --order library", "--edges 4 --ungroup-kv", "--edges 4 --one-by-one",
            "--edges 928",
        ])
    func searchOptions(options: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            "circuit-score -q c.h5 -o s.h5; circuit-prune \(options) s.h5 > p.h5")
        #expect(made.status == 64, "\(made.errors)")
        #expect(made.errorLines.count == 1)
    }

    @Test("Scores of every level give circuits, which are shown and judged")
    func everyLevel() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let cases = [
            ("--positions", "--percent 30"), ("--level layer", "--percent 30"),
            ("--level head --positions", "--percent 30"), ("--level edge", "--nodes 10"),
            ("--level head", "--nodes 10"), ("--level neuron", "--neurons 100 --absolute"),
        ]
        for (level, size) in cases {
            let made = try shell.run(
                """
                circuit-score -q \(level) c.h5 | circuit-prune \(size) - -o p.h5
                circuit-check -q p.h5 && circuit-show p.h5 > text
                circuit-eval --pairs c.h5 p.h5
                """)
            #expect(made.status == 0, "\(level): \(made.errors)")
            #expect(made.output.contains("faithfulness"), "\(level)")
        }
        let shown = try shell.run("cat text").output
        #expect(shown.contains("neurons") && shown.contains("top-neurons"))
    }

    @Test(
        "Nodes and neurons are taken only from scores that have them",
        arguments: [
            ("--neurons 5 s.h5", "--level neuron"), ("--nodes 5 p.h5", "sum them up"),
            ("--nodes 5 c.h5", "--nodes"), ("--nodes=-1 s.h5", "--nodes"),
            ("--nodes 5 --neurons 5 s.h5", "one of"), ("--nodes 5 --greedy s.h5", "--greedy"),
        ])
    func nodes(arguments: String, message: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            "circuit-score -q c.h5 -o s.h5 && circuit-score -q --positions c.h5 -o p.h5")
        try #require(made.status == 0, "\(made.errors)")
        let outcome = try shell.run("circuit-prune -q \(arguments) -o x.h5")
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    }

    @Test("An empty circuit is warned of, negative thresholds are taken, and a range has its ends")
    func oddSizes() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let empty = try shell.run(
            "circuit-score -q c.h5 | circuit-prune -q --edges 0 - -o p.h5")
        #expect(empty.status == 0 && empty.errors.contains("warning: the circuit has no edges"))
        // Edges of positive scores needn't join the ends: the warning says what to do.
        let signed = try shell.run(
            "circuit-score -q c.h5 | circuit-prune -q --edges 1 - -o p.h5")
        #expect(
            signed.errors.contains("the 1 that were taken don't join")
                && signed.errors.contains("--absolute"), "\(signed.errors)")
        let negative = try shell.run(
            "circuit-score -q c.h5 | circuit-prune --threshold -1 - -o n.h5")
        #expect(negative.status == 0, "\(negative.errors)")
        // The ends of a range are as they were given.
        let range = try shell.run("circuit-prune -q --thresholds 0.1:1:3 c.h5 -o r.h5")
        #expect(range.status == 0, "\(range.errors)")
        let runs = try #require(shell.shown("r.h5")["runs"] as? [[String: Any]])
        #expect(runs.compactMap { $0["threshold"] as? Double }.min() == 0.1)
    }

    @Test("A search goes on where nobody reads its messages")
    func closedErrors() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            "circuit-prune -v --thresholds 0.05,0.5 c.h5 -o p.h5 2> >(exec true); circuit-check -q p.h5"
        )
        #expect(made.status == 0, "\(made.errors)")
        let closed = try shell.run("circuit-prune -v --threshold 0.5 c.h5 -o q.h5 2>&1 | head -c 1")
        #expect(closed.status == 0 && shell.has("q.h5"))
    }

    @Test("--known writes a circuit without any input")
    func known() throws {
        let shell = try Shell()
        let made = try shell.run("circuit-prune --known greater-than | circuit-show -")
        #expect(made.status == 0 && made.output.contains("235 of 32,491"))
        #expect(made.errors.contains("27 from inputs to their heads"))
    }

    @Test(
        "A command line that makes no sense is a usage error, and the input is kept",
        arguments: [
            "", "--threshold nan", "--threshold x", "--threshold 1 --edges 3", "--edges=-1",
            "--thresholds ''", "--thresholds nan,1", "--thresholds 1:0.1", "--thresholds 0.1:1:1",
            "--threshold 1 --order ''", "--threshold 1 --order up", "--threshold 1 --order cli,cli",
            "--threshold 1 --order shuffle:x",
            "--edges 4 --order cli,library", "--threshold 1 --time-limit 3",
            "--edges 4 --time-limit 0", "--threshold 1 --restart",
            "--threshold 1 --metric accurate",
            "--threshold 1 --ablation some", "--threshold 1 --threads 0", "--threshold 1 -o ''",
            "--threshold 1 -o d.h5", "--percent 101", "--percent 1 --edges 3", "--budget=-1",
            "--percent 1", "--budget 5", "--edges 5 --greedy", "--known ioo",
            "--known ioi --edges 3",
        ])
    func usage(options: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let before = try shell.digest("d.h5")
        let outcome = try shell.run("circuit-prune d.h5 \(options) > out.h5")
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(try shell.digest("d.h5") == before)
    }

    @Test(
        "Input or output that cannot be used is refused in one line, with its own status",
        arguments: [
            ("none.h5 -o p.h5", 66, "none.h5"), ("c.h5 -o none/p.h5", 74, "none/p.h5"),
            ("c.h5 -o /dev/full", 74, "No space left"), ("c.h5 > /dev/full", 74, "No space left"),
            ("- < cut.h5 -o p.h5", 65, "standard input"),
            ("- -o p.h5 < <(cat cut.h5)", 65, "cut short"),
            ("- -o p.h5 < <(echo text)", 65, "isn't an HDF5 file"),
            ("cut.h5 -o p.h5", 65, "cut.h5"),
            ("partial.h5 -o p.h5", 65, "without --names"),
            ("effects.h5 -o p.h5", 65, "patch-effects"),
            ("ids.h5 --metric logit-diff -o p.h5", 65, "no answers"),
            ("c.h5 --model \(Fixture.path("models/tiny-gpt2")) -o p.h5", 65, "digest"),
        ])
    func badInput(arguments: String, status: Int32, message: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        try shell.writeEveryKind()
        let made = try shell.run(
            """
            head -c 20000 c.h5 > cut.h5
            circuit-cache -q --names 'blocks.0.*' d.h5 -o partial.h5 && mv patch-effects.h5 effects.h5
            echo '{"clean_ids": [1, 2, 3], "corrupted_ids": [1, 4, 3]}' > ids.jsonl
            circuit-pairs -q --from ids.jsonl --model \(Fixture.path("models/demo")) -o ids.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        let outcome = try shell.run("circuit-prune -q --threshold 0.5 \(arguments)")
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(shell.has("p.h5") == false)
        #expect(!FileManager.default.fileExists(atPath: "/dev/full.journal"))
    }
}
