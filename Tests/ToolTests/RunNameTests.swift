import Artifacts
import TestSupport
import Testing

/// A run of a circuit artifact is named in the same way wherever one is read.
@Suite("Names of runs")
struct RunNameTests {
    /// Circuits of a search at three thresholds, and each of them found by itself.
    private func sweep() throws -> Shell {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune -q --thresholds 0.3,0.1,0.05 c.h5 -o sweep.h5
            for t in 0.3 0.1 0.05; do circuit-prune -q -t $t c.h5 -o $t.h5; done
            """)
        try #require(made.status == 0, "\(made.errors)")
        return shell
    }

    @Test("circuit-diff, circuit-show, circuit-eval and circuit-score read the run that is named")
    func tools() throws {
        let shell = try sweep()
        for (run, alone) in ["0.3.h5", "0.1.h5", "0.05.h5"].enumerated() {
            let same = try shell.run("circuit-diff 'sweep.h5#\(run)' \(alone)")
            #expect(same.status == 0 && same.errors.isEmpty, "\(same.output)\(same.errors)")
            let piped = try shell.run("circuit-diff '-#\(run)' \(alone) < sweep.h5")
            #expect(piped.status == 0, "\(piped.errors)")
            for command in ["circuit-show --json", "circuit-show --json --run \(run)"] {
                let shown = try shell.run(
                    """
                    \(command) 'sweep.h5#\(run)' | jq -c '[.edges, .nodes, .circuit_metric]' > a
                    circuit-show --json \(alone) | jq -c '[.edges, .nodes, .circuit_metric]' > b
                    cmp a b
                    """)
                #expect(shown.status == 0, "\(shown.output)\(shown.errors)")
            }
            let judged = try shell.run(
                """
                circuit-eval -q --pairs c.h5 --json 'sweep.h5#\(run)' | jq -c .figures > a
                circuit-eval -q --pairs c.h5 --json \(alone) | jq -c .figures > b; cmp a b
                """)
            #expect(judged.status == 0, "\(judged.output)\(judged.errors)")
        }
        let scored = try shell.run(
            """
            circuit-score -q --method mask-gradient --circuit 'sweep.h5#2' c.h5 -o a.h5
            circuit-score -q --method mask-gradient --circuit 0.05.h5 c.h5 -o b.h5
            """)
        #expect(scored.status == 0, "\(scored.errors)")
        #expect(try shell.digest("a.h5") == shell.digest("b.h5"))
        let started = try shell.run(
            """
            circuit-prune -q --start 'sweep.h5#2' -t 0.2 c.h5 -o a.h5
            circuit-prune -q --start 0.05.h5 -t 0.2 c.h5 -o b.h5
            circuit-diff a.h5 b.h5 > text
            """)
        #expect(started.status == 0, "\(started.errors)")
    }

    @Test(
        "A run's scores are those it had by itself, by a metric that is high for a good circuit too"
    )
    func scores() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-prune -q --metric logit-diff --thresholds 2,1 c.h5 -o sweep.h5
            circuit-prune -q --metric logit-diff -t 1 c.h5 -o alone.h5
            circuit-show --json 'sweep.h5#1' | jq -c .edges > a
            circuit-show --json alone.h5 | jq -c .edges > b; cmp a b
            """)
        #expect(made.status == 0, "\(made.output)\(made.errors)")
    }

    @Test("Where one circuit is needed and none is named, the one that is taken is said")
    func unnamed() throws {
        let shell = try sweep()
        let outcome = try shell.run("circuit-diff sweep.h5 0.3.h5")
        #expect(outcome.status == 0)
        #expect(
            outcome.errors.contains("sweep.h5 holds 3 runs: run 0 (threshold 0.3,")
                && outcome.errors.contains("sweep.h5#0 to sweep.h5#2 name one"), "\(outcome.errors)"
        )
    }

    @Test("A run that isn't there is one line with those there are")
    func outOfRange() throws {
        let shell = try sweep()
        for name in ["sweep.h5#3", "sweep.h5#99999999999999999999"] {
            let outcome = try shell.run("circuit-show '\(name)'")
            #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("2 (threshold 0.05, "), "\(outcome.errors)")
        }
        let single = try shell.run("circuit-diff '0.3.h5#0' 0.3.h5")
        #expect(
            single.status == 64 && single.errors.contains("one circuit only"), "\(single.errors)")
        let two = try shell.run("circuit-show --run 1 'sweep.h5#2'")
        #expect(two.status == 64 && two.errorLines.count == 1, "\(two.errors)")
    }

    @Test("A file whose own name ends like a run is read as it is; other kinds have no runs")
    func namesOfFiles() throws {
        let shell = try sweep()
        let own = try shell.run(
            "cp 0.3.h5 'mine#2' && circuit-diff 'mine#2' 0.3.h5 && circuit-check 'mine#2'")
        #expect(own.status == 0, "\(own.errors)")
        let missing = try shell.run("circuit-show 'nothing.h5#2'")
        #expect(missing.status == 66 && missing.errors.contains("nothing.h5"), "\(missing.errors)")
        for command in ["circuit-show 'd.h5#1'", "circuit-cache 'd.h5#1' -o x.h5"] {
            let refused = try shell.run(command)
            #expect(refused.status == 64, "\(command): \(refused.errors)")
            #expect(refused.errors.contains("only circuits have runs"), "\(refused.errors)")
        }
        let bare = try shell.run("circuit-show '#2'")
        #expect(bare.status == 64 && bare.errors.contains("'#2' names a run and no file"))
        let kept = try shell.run(
            "circuit-diff --write union 'sweep.h5#1' 'sweep.h5#2' -o sweep.h5")
        #expect(kept.status == 64 && kept.errors.contains("would be lost"), "\(kept.errors)")
    }
}
