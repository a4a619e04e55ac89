import Foundation
import TestSupport
import Testing

/// Programs whose circuit is known by construction: what `tools/tracr` tabulates.
@Suite("Methods against compiled programs")
struct TracrTests {
    /// The area under the ROC curve of a method against the truth, as a staircase.
    private func area(
        _ shell: borrowing Shell, _ program: String, finding command: String
    ) throws -> Double {
        let folder = Fixture.path("tracr/\(program)")
        let made = try shell.run(
            """
            circuit-pairs -q --model \(folder) --from \(folder)/pairs.jsonl -o d.h5
            circuit-prune -q --known \(folder)/truth.json --model \(folder) -o truth.h5
            \(command) -o found.h5 && circuit-eval --json --truth truth.h5 found.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        let figures = try #require(made.json()["figures"] as? [[String: Any]])
        let figure = figures.first { $0["name"] as? String == "auc-pessimistic-absolute" }
        return try #require(figure?["value"] as? Double)
    }

    @Test(
        "ACDC and exact scores find the whole proportion under zero ablation, random scores do not")
    func proportion() throws {
        let shell = try Shell()
        let acdc = "circuit-prune -q --thresholds 1e-9:100:12 --metric l2 --ablation zero d.h5"
        #expect(try area(shell, "xproportion", finding: acdc) == 1)
        let exact = "circuit-score -q --method exact --metric l2 --ablation zero d.h5"
        #expect(try area(shell, "xproportion", finding: exact) == 1)
        let random = "circuit-score -q --method random --metric l2 --ablation zero d.h5"
        #expect(try area(shell, "xproportion", finding: random) < 0.9)
    }

    /// The price of edges is in units of what the metric can lose.
    @Test("Learnt masks find the whole proportion")
    func learntMasks() throws {
        let shell = try Shell()
        for method in ["subnetwork-probing", "edge-pruning"] {
            let learnt = "circuit-score -q --method \(method) --metric l2 --ablation zero d.h5"
            #expect(try area(shell, "xproportion", finding: learnt) == 1, "\(method)")
        }
    }

    /// The rest of `reverse` measures a length that never changes, or is the same in all inputs.
    @Test("ACDC finds of the reversal what varies between inputs")
    func reversal() throws {
        let shell = try Shell()
        let acdc = "circuit-prune -q --thresholds 1e-9:100:12 --metric l2 d.h5"
        let found = try area(shell, "reverse", finding: acdc)
        #expect(found >= 2.0 / 13 - 1e-9 && found < 0.5)
    }

    @Test("A list of edges of another graph is bad data")
    func otherGraph() throws {
        let shell = try Shell()
        let reverse = Fixture.path("tracr/reverse")
        let outcome = try shell.run(
            "circuit-prune -q --known \(reverse)/truth.json --model "
                + "\(Fixture.path("tracr/xproportion")) -o t.h5")
        #expect(outcome.status == 65 && outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("has no edge 'm1->m2'"), "\(outcome.errors)")
        #expect(shell.has("t.h5") == false)
    }
}
