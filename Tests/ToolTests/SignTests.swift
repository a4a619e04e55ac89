import Artifacts
import Foundation
import TestSupport
import Testing

/// Whatever is shown or stored of a metric is the metric as it is named.
@Suite("One sign of metrics")
struct SignTests {
    @Test("A logit difference is the same in the file, in JSON, in the tables and on stderr")
    func logitDifference() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            "circuit-prune --metric logit-diff --thresholds 2,1 c.h5 -o p.h5")
        #expect(made.status == 0, "\(made.errors)")
        let circuit = try CircuitArtifact.read(from: shell.folder.path("p.h5")).content
        // The model prefers the answers, and the corrupted prompts don't.
        #expect(circuit.fullMetric > 1 && circuit.ablatedMetric < circuit.fullMetric)

        let json = try shell.shown("p.h5", options: "--decisions")
        #expect(isSame(json["full_metric"], circuit.fullMetric))
        #expect(isSame(json["circuit_metric"], circuit.circuitMetric))
        #expect(isSame(json["corrupted_metric"], circuit.ablatedMetric))
        let runs = try #require(json["runs"] as? [[String: Any]])
        #expect(isSame(runs[0]["circuit_metric"], circuit.circuitMetric))
        let decisions = try #require(json["decisions"] as? [[String: Any]])
        #expect(isSame(decisions.first?["before"], circuit.fullMetric))

        let line = try #require(made.errorLines.first { $0.contains("logit-diff of the full") })
        let (full, found) = (circuit.fullMetric, circuit.circuitMetric)
        #expect(line.contains(String(format: "full model %.4g, of the circuit %.4g", full, found)))
        let text = try shell.run("circuit-show --decisions p.h5").output
        #expect(text.contains("raises the loss, -logit-diff, by less than 2.0"))
    }

    /// Whether a number of JSON is this one, but for its last digits.
    private func isSame(_ shown: Any?, _ stored: Double) -> Bool {
        (shown as? Double).map { abs($0 - stored) < 1e-9 } ?? false
    }

    /// The rule of ACDC in the metric's own sign: of a metric that is high for a good circuit, an
    /// edge goes where the metric falls by less than the threshold.
    @Test("A decision follows from the loss increase that is shown beside it")
    func lossIncrease() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        _ = try shell.run("circuit-prune -q --metric logit-diff --threshold 1 c.h5 -o p.h5")
        let json = try shell.shown("p.h5", options: "--decisions")
        let decisions = try #require(json["decisions"] as? [[String: Any]])
        #expect(!decisions.isEmpty)
        for decision in decisions {
            let before = try #require(decision["before"] as? Double)
            let after = try #require(decision["after"] as? Double)
            let increase = try #require(decision["loss_increase"] as? Double)
            #expect(abs(increase - (before - after)) < 1e-9)
            #expect(decision["removed"] as? Bool == (increase < 1))
        }
    }
}
