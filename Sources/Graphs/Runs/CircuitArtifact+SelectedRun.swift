package import Artifacts
package import Basics

extension CircuitArtifact {
    /// The circuit of one of the further runs, in place of the main one, with the scores that its own
    /// decisions give.
    ///
    /// - Throws: ``Failure``: usage if there is no such run, with a list of those there are; bad data
    ///   where the graph isn't one.
    package func selectingRun(_ index: Int) throws(Failure) -> CircuitArtifact {
        guard runs.indices.contains(index) else {
            throw Failure(
                .usage,
                runs.isEmpty
                    ? "it has one circuit only, and no run \(index)"
                    : "there is no run \(index) among its \(runs.count): \(listOfRuns)")
        }
        let run = runs[index]
        var circuit = self
        circuit.inCircuit = run.inCircuit
        circuit.nodeInCircuit = try GraphTopology(graph).nodes(of: run.inCircuit)
        circuit.threshold = run.threshold
        circuit.order = run.order
        circuit.circuitMetric = run.circuitMetric
        circuit.decisions = decisions(ofRun: index)
        if !circuit.decisions.isEmpty {
            var scores = [Float](repeating: .nan, count: graph.edgeCount)
            for decision in circuit.decisions {
                scores[Int(decision.edge)] = Float(decision.lossIncrease(metric: metric))
            }
            circuit.scores = scores
        }
        circuit.runs = []
        circuit.keptShare = nil
        return circuit
    }

    /// The run that the main circuit is; nil where no run is that.
    package var mainRun: Int? {
        runs.firstIndex {
            $0.inCircuit == inCircuit && $0.threshold == threshold && $0.order == order
        }
    }

    /// What a run is, in a few words: `threshold 0.02, 194 edges`; the order too where runs differ in
    /// it.
    package func summary(ofRun index: Int) -> String {
        let run = runs[index]
        let order = run.order + (run.seed.map { ":\($0)" } ?? "")
        let hasOneOrder = runs.allSatisfy { $0.order == run.order && $0.seed == run.seed }
        return "threshold \(run.threshold), " + (hasOneOrder ? "" : "order \(order), ")
            + "\(run.inCircuit.count { $0 }) edges"
    }

    /// The runs with their numbers, the first dozen of many.
    private var listOfRuns: String {
        let shown = runs.indices.prefix(12).map { "\($0) (\(summary(ofRun: $0)))" }
        let others = runs.count - shown.count
        return shown.joined(separator: ", ") + (others > 0 ? " and \(others) more" : "")
    }
}
