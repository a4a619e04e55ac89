import Foundation
import TestSupport
import Testing

/// A search is resumed from a journal only if its key is the same: a digest of everything that
/// decisions depend on.
@Suite("The key of a search's journal")
struct JournalKeyTests {
    /// A pair of searches that differ by one option.
    struct Change {
        var option: String
        var before: String
        var after: String

        /// `base` with and without something more.
        init(_ option: String, adding more: String, to base: String = "--threshold 0.05 c.h5") {
            (self.option, before, after) = (option, base, "\(more) \(base)")
        }

        /// Two searches.
        init(_ option: String, _ before: String, _ after: String) {
            (self.option, self.before, self.after) = (option, before, after)
        }
    }

    /// Options that change decisions.
    static let changes = [
        Change("threshold", "--threshold 0.05 c.h5", "--threshold 0.06 c.h5"),
        Change("thresholds", "--thresholds 0.05,0.1 c.h5", "--thresholds 0.05,0.2 c.h5"),
        Change("edges", "--edges 40 c.h5", "--edges 41 c.h5"),
        Change("metric", adding: "--metric nll"),
        Change("ablation", adding: "--ablation zero"),
        Change(
            "ablation-steps", adding: "--ablation-steps 2",
            to: "--threshold 0.05 --ablation optimal c.h5"),
        Change(
            "ablation-seed", adding: "--ablation-seed 2",
            to: "--threshold 0.05 --ablation optimal c.h5"),
        Change("order", adding: "--order library"),
        Change("level", adding: "--level head"),
        Change("positions", adding: "--positions"),
        Change("start", adding: "--start s.h5"),
        Change("ungroup-kv", adding: "--ungroup-kv"),
        Change("absolute", adding: "--absolute"),
        Change("one-by-one", adding: "--one-by-one"),
        Change("pairs-per-test", adding: "--pairs-per-test 2"),
        Change(
            "error-rate", adding: "--error-rate 0.1",
            to: "--threshold 0.05 --pairs-per-test 2 c.h5"),
        Change("weights", adding: "--weights bfloat16", to: "--threshold 0.05 pairs.h5"),
        Change("input", "--threshold 0.05 c.h5", "--threshold 0.05 other.h5"),
    ]

    /// Options that change nothing of what is decided.
    static let others = [
        Change("threads", adding: "--threads 1"),
        Change("quiet", adding: "--quiet"),
        Change("verbose", adding: "--verbose"),
        Change("model", adding: "--model demo"),
        Change("output", adding: "-o copy.h5"),
        Change("restart", adding: "--restart"),
        Change("start", "--threshold 0.05 --start s.h5 c.h5", "--threshold 0.05 --start t.h5 c.h5"),
        Change("time-limit", adding: "--time-limit 5", to: "--thresholds 0.05,0.1 c.h5"),
        Change("input", "--threshold 0.05 c.h5", "--threshold 0.05 - < c.h5"),
    ]

    /// Options that a search refuses.
    static let refused: Set = [
        "percent", "budget", "nodes", "neurons", "greedy", "known", "consensus", "others",
    ]

    /// The key in the journal of a search that ends when its journal has become a KiB long.
    private func key(_ shell: borrowing Shell, _ arguments: String) throws -> String {
        let output = arguments.contains("-o ") ? "" : "-o p.h5"
        let run = try shell.run(
            """
            rm -f *.journal
            (ulimit -c 0; ulimit -f 1; circuit-prune \(output) \(arguments))
            head -qc 72 *.journal | tail -c 64
            """)
        try #require(run.output.count == 64, "\(arguments): \(run.errors)")
        return run.output
    }

    private func searches() throws -> Shell {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            ln -s \(Fixture.path("models/demo")) demo
            circuit-pairs -q ioi --model demo -n 4 --seed 2 -o pairs.h5
            circuit-pairs -q ioi --model demo -n 4 --seed 2 | circuit-cache -q - -o other.h5
            circuit-score -q c.h5 | circuit-prune -q --edges 900 --absolute - -o s.h5; cp s.h5 t.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        return shell
    }

    @Test("An option that changes decisions changes the key")
    func changes() throws {
        let shell = try searches()
        for change in Self.changes {
            let keys = try [change.before, change.after].map { try key(shell, $0) }
            #expect(keys[0] != keys[1], "\(change.option)")
        }
    }

    @Test("Output, threads, messages and paths of the same content leave the key as it is")
    func others() throws {
        let shell = try searches()
        for change in Self.others {
            let keys = try [change.before, change.after].map { try key(shell, $0) }
            #expect(keys[0] == keys[1], "\(change.option)")
        }
    }

    @Test("Every option of circuit-prune is known to change the key, or not to")
    func everyOption() throws {
        let help = try Shell().run("circuit-prune --experimental-dump-help").json()
        let command = try #require(help["command"] as? [String: Any])
        let arguments = try #require(command["arguments"] as? [[String: Any]])
        let names = arguments.map { argument in
            let names = argument["names"] as? [[String: Any]] ?? []
            let long = names.first { $0["kind"] as? String == "long" }
            return (long?["name"] ?? argument["valueName"]) as? String ?? ""
        }
        let known = Set((Self.changes + Self.others).map(\.option)).union(Self.refused)
        #expect(Set(names).subtracting(["version", "help"]) == known)
    }
}
