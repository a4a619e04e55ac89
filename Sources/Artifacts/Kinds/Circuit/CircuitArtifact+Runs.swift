package import Failures

extension CircuitArtifact {
    /// The circuit of one of the further runs, in place of the main one.
    ///
    /// - Throws: ``Failure`` (usage) if there is no such run.
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
        circuit.nodeInCircuit = graph.nodesJoined(by: run.inCircuit)
        circuit.threshold = run.threshold
        circuit.order = run.order
        circuit.circuitMetric = run.circuitMetric
        circuit.decisions = decisions(ofRun: index)
        circuit.runs = []
        return circuit
    }

    /// All decisions of the run `index`: those that it shares with its parent, then its own.
    package func decisions(ofRun index: Int) -> [Decision] {
        // The run, its parent, that one's parent, and so on: a loop, because the chain may be long.
        var chain = [index]
        var first = index
        // A parent comes before its child; a chain that breaks this rule could be a circle.
        while let parent = runs[first].parent, (0..<first).contains(parent) {
            first = parent
            chain.append(first)
        }
        var all: [Decision] = []
        for run in chain.reversed().map({ runs[$0] }) {
            all.removeLast(max(0, all.count - run.sharedDecisions))
            all += run.decisions
        }
        return all
    }
}
