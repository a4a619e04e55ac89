import Foundation
import TestSupport
import Testing

@Suite("--metric @FILE")
struct CustomMetricToolTests {
    private let demo = Fixture.path("models/demo")

    @Test("The logit difference in the words of users gives what logit-diff gives, in every tool")
    func logitDifference() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            cat > m.json <<'END'
            {"name": "mine", "terms": [{"tokens": "answers"}, {"tokens": "wrong_answers", "weight": -1}]}
            END
            circuit-pairs ioi --model \(demo) -n 6 -o d.h5
            for m in logit-diff @m.json; do
              circuit-score --method eap-ig-inputs --metric $m d.h5 -o s$m.h5 || exit 1
              circuit-score --method edge-pruning --optimization-steps 3 --metric $m d.h5 -o n$m.h5 || exit 1
              circuit-prune --threshold 0.5 --metric $m d.h5 -o c$m.h5 || exit 1
              circuit-eval c$m.h5 --pairs d.h5 --json > e$m.json || exit 1
              circuit-patch --metric $m d.h5 -o p$m.h5 || exit 1
            done
            """)
        #expect(made.status == 0, "\(made.errors)")
        func json(_ command: String) throws -> [String: Any] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try outcome.json()
        }
        for file in ["s", "n"] {
            let scores = try ["logit-diff", "@m.json"].map { metric in
                let edges = try json("circuit-show --json \(file)\(metric).h5")["edges"]
                return try #require(edges as? [[String: Any]]).compactMap { $0["score"] as? Double }
            }
            #expect(scores[0].count > 100 && scores[0].count == scores[1].count)
            let gap = zip(scores[0], scores[1]).map { abs($0 - $1) }.max() ?? 1
            #expect(gap < 1e-4, "\(file) \(gap)")
        }
        let circuits = try ["logit-diff", "@m.json"].map {
            try json("circuit-show --json c\($0).h5")
        }
        let edges = circuits.map { circuit in
            (circuit["edges"] as? [[String: Any]])?.compactMap { $0["edge"] as? String } ?? []
        }
        #expect(!edges[0].isEmpty && edges[0] == edges[1])
        let name = try #require(circuits[1]["metric"] as? String)
        #expect(name.hasPrefix("mine {\"better\":\"high\""))
        // The evaluation took the metric from the circuit.
        let evaluations = try ["logit-diff", "@m.json"].map { try json("cat e\($0).json") }
        #expect(evaluations[1]["metric"] as? String == name)
        let figures = evaluations.map { $0["figures"] as? [[String: Any]] ?? [] }
        let values = figures.map { $0.compactMap { $0["value"] as? Double } }
        #expect(!values[0].isEmpty && values[0].count == values[1].count)
        for (one, other) in zip(values[0], values[1]) {
            #expect(abs(one - other) < 1e-3 * max(1, abs(one)))
        }
        let shown = try shell.run("circuit-show c@m.json.h5")
        #expect(shown.output.contains("mine: full model"), "\(shown.output)")
    }

    @Test("Tokens by their text, in a pipe; what isn't one is refused")
    func texts() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            echo '{"name": "mary", "terms": [{"tokens": [" Mary"], "of": "log-sum-exp"}, \
            {"tokens": [" John", " Sarah"], "of": "log-sum-exp", "weight": -1}]}' > m.json
            circuit-pairs ioi --model \(demo) -n 2 -o d.h5
            circuit-score --method eap --metric @m.json d.h5 | circuit-prune --edges 20 --absolute - \
              | circuit-eval - --pairs d.h5 --json
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let metric = try #require(outcome.json()["metric"] as? String)
        #expect(metric.contains("{\"id\":") && metric.contains("\"text\":\" Sarah\"}"))
        for id in [-1, 1136, 99_999] {
            let strange = try shell.run(
                """
                echo '{"name": "m", "terms": [{"tokens": [\(id)]}]}' > i.json
                circuit-score --method eap --metric @i.json d.h5 -o s.h5
                """)
            #expect(strange.status == 65, "\(strange.errors)")
            #expect(strange.errors.contains("token \(id) isn't one of the model's"))
        }
        let overflowing = try shell.run(
            """
            echo '{"name": "m", "terms": [{"tokens": [1], "weight": 1e308}, \
            {"tokens": [2], "weight": -1e308}]}' > o.json
            circuit-prune --threshold 0.5 --metric @o.json d.h5 -o o.h5
            """)
        #expect(overflowing.status == 65, "\(overflowing.errors)")
        // A search that can't go on leaves no decisions.
        let leavesJournal = shell.has("o.h5.journal")
        #expect(!leavesJournal)
        let refused = try shell.run(
            """
            echo '{"name": "m", "terms": [{"tokens": [" Zanzibar"]}]}' > z.json
            circuit-score --method eap --metric @z.json d.h5 -o s.h5
            """)
        #expect(refused.status == 65 && refused.errors.contains("tokens of this model"))
        let missing = try shell.run("circuit-score --method eap --metric @no.json d.h5 -o s.h5")
        #expect(missing.status == 66 && missing.errors.contains("no.json"), "\(missing.errors)")
    }

    @Test(
        "Terms at named positions, in scores, searches, masks and evaluations; refused where they can't be"
    )
    func positions() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            echo '{"name": "two", "terms": [{"tokens": "answers"}, \
            {"tokens": "wrong_answers", "weight": -1, "at": "S2"}, {"tokens": [5], "at": 1}]}' > m.json
            circuit-pairs ioi --model \(demo) -n 4 -o d.h5
            circuit-cache -q d.h5 -o c.h5
            circuit-pairs --from d.h5 --report --metric @m.json --json > report.json
            circuit-prune -q --threshold 0.3 --metric @m.json c.h5 -o a.h5
            circuit-eval a.h5 --pairs d.h5 --json > a.json
            circuit-score -q --method eap-ig-inputs --metric @m.json c.h5 \
              | circuit-prune -q --edges 100 --absolute - | circuit-eval - --pairs d.h5 --json > s.json
            circuit-score -q --method edge-pruning --optimization-steps 2 --metric @m.json d.h5 -o e.h5
            circuit-prune -q --positions --level layer --threshold 0.3 --metric @m.json d.h5 -o p.h5
            circuit-eval p.h5 --pairs d.h5 --json > p.json
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        func figures(_ file: String) throws -> [String: Any] { try shell.run("cat \(file)").json() }
        let report = try figures("report.json")
        let full = try #require((report["clean"] as? [String: Any])?["metric"] as? Double)
        for (file, circuit) in [("a.json", "a.h5"), ("p.json", "p.h5")] {
            let shown = try shell.shown(circuit)
            let own = try #require(shown["full_metric"] as? Double)
            #expect(abs(own - full) < 1e-3 * max(1, abs(full)), "\(own) \(full)")
            let values = try #require(figures(file)["figures"] as? [[String: Any]])
            let found = try #require(shown["circuit_metric"] as? Double)
            #expect(
                values.contains {
                    ($0["value"] as? Double).map { abs($0 - found) < 1e-3 } ?? false
                },
                "\(file) \(found) \(values)")
        }
        for (command, words) in [
            (
                "circuit-patch --metric @m.json d.h5 -o x.h5",
                "the metric two reads several positions"
            ),
            (
                "circuit-score --method eap --per-pair --metric @m.json d.h5 -o x.h5",
                "no scores per pair"
            ),
            (
                "circuit-score --method hisp --metric @m.json d.h5 -o x.h5",
                "reads pairs at their ends alone"
            ),
            (
                "sed s/S2/S9/ m.json > n.json; circuit-score --method eap --metric @n.json d.h5 -o x.h5",
                "the dataset has no position named 'S9'"
            ),
            (
                ": > empty.json; circuit-score --method eap --metric @empty.json d.h5 -o x.h5",
                "it is empty"
            ),
        ] {
            let refused = try shell.run(command)
            #expect(refused.status == 64 || refused.status == 65)
            #expect(refused.errors.contains(words), "\(refused.errors)")
            let isWritten = shell.has("x.h5")
            #expect(!isWritten)
        }
    }
}
