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
        // The scores are those of its own decisions, not those of the main circuit.
        #expect(selected.scores?[5] == 0.25 && selected.scores?[7].isNaN == true)
        #expect(selected.keptShare == nil, "a single run has no share of runs")
    }

    @Test("A run that the circuit doesn't have is refused", arguments: [-1, 2])
    func missingRun(index: Int) {
        let error = #expect(throws: Failure.self) { try circuit.selectingRun(index) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("0 (threshold 0.02, order cli, 23 edges)") == true)
        #expect(error?.description.contains("1 (threshold 0.5, order shuffle:3, 0 edges)") == true)
    }

    @Test("The main circuit is found among the runs")
    func mainRun() {
        #expect(circuit.mainRun == 0)
        var other = circuit
        other.threshold = 0.3
        #expect(other.mainRun == nil)
    }
}
