import Artifacts
import Basics
import Graphs
import TestSupport
import Testing

@Suite("Selected runs of a circuit")
struct SelectedRunTests {
    private let circuit = CircuitArtifact.sample

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

    @Test("A run that the circuit doesn't have is refused", arguments: [-1, 2])
    func missingRun(index: Int) {
        let error = #expect(throws: Failure.self) { try circuit.selectingRun(index) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("--run 0 to 1") == true)
    }
}
