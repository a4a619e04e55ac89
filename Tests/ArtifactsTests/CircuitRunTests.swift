import Artifacts
import TestSupport
import Testing

@Suite("Runs of a circuit")
struct CircuitRunTests {
    private let circuit = CircuitArtifact.sample

    @Test("The decisions of a run are those shared with its parent, then its own")
    func sharedDecisions() {
        #expect(
            circuit.decisions(ofRun: 1) == circuit.decisions.prefix(2) + circuit.runs[1].decisions)
    }

    @Test("Each run of a long chain shares the decisions of all runs before it")
    func longChain() {
        var chain = circuit
        chain.runs = (0..<20_000).map { index in
            CircuitRun(
                threshold: 0, order: "cli", circuitMetric: 0, inCircuit: circuit.inCircuit,
                parent: index == 0 ? nil : index - 1, sharedDecisions: index,
                decisions: [LoggedDecision(edge: Int32(index), before: 0, after: 0, removed: true)])
        }
        #expect(chain.decisions(ofRun: 19_999).map(\.edge) == (0..<20_000).map { Int32($0) })
    }

    @Test("A run that is its own parent shares no decisions")
    func circle() {
        var circle = circuit
        circle.runs[1].parent = 1
        #expect(circle.decisions(ofRun: 1) == circle.runs[1].decisions)
    }
}
