import Artifacts
import Failures
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
                decisions: [Decision(edge: Int32(index), before: 0, after: 0, removed: true)])
        }
        #expect(chain.decisions(ofRun: 19_999).map(\.edge) == (0..<20_000).map { Int32($0) })
    }

    @Test("A run that is its own parent shares no decisions")
    func circle() {
        var circle = circuit
        circle.runs[1].parent = 1
        #expect(circle.decisions(ofRun: 1) == circle.runs[1].decisions)
    }

    @Test("A selected run takes the place of the main circuit")
    func selection() throws {
        let selected = try circuit.selectingRun(1)
        let run = circuit.runs[1]
        #expect(selected.inCircuit == run.inCircuit && selected.runs.isEmpty)
        #expect(selected.nodeInCircuit.allSatisfy { !$0 }, "no edge, so no node")
        #expect(selected.threshold == run.threshold && selected.order == run.order)
        #expect(selected.circuitMetric == run.circuitMetric)
        #expect(selected.decisions == circuit.decisions(ofRun: 1))
    }

    @Test("A run that isn't there is refused", arguments: [-1, 2])
    func missingRun(index: Int) {
        let error = #expect(throws: Failure.self) { try circuit.selectingRun(index) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("--run 0 to 1") == true)
    }
}
