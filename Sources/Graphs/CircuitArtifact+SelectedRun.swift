package import Artifacts
package import Basics

extension CircuitArtifact {
    /// The circuit of one of the further runs, in place of the main one.
    ///
    /// - Throws: ``Failure`` (usage) if there is no such run, and (bad data) where the graph isn't one.
    package func selectingRun(_ index: Int) throws(Failure) -> CircuitArtifact {
        guard runs.indices.contains(index) else {
            throw Failure(
                .usage,
                runs.isEmpty
                    ? "the artifact has one circuit only; leave --run out"
                    : "there is no run \(index); give --run 0 to \(runs.count - 1)")
        }
        let run = runs[index]
        var circuit = self
        circuit.inCircuit = run.inCircuit
        circuit.nodeInCircuit = try GraphTopology(graph).nodes(of: run.inCircuit)
        circuit.threshold = run.threshold
        circuit.order = run.order
        circuit.circuitMetric = run.circuitMetric
        circuit.decisions = decisions(ofRun: index)
        circuit.runs = []
        return circuit
    }
}
