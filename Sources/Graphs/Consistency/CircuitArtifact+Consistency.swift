import Artifacts

extension CircuitArtifact {
    /// What is wrong with the graph, with the decision logs, and with what is counted of the runs.
    var contradictions: [Diagnostic] {
        var found = graph.contradictions
        found += problems(
            of: decisions, with: inCircuit, at: "/decisions", listing: "/edges/in_circuit")
        for (index, run) in runs.enumerated() {
            if let parent = run.parent, run.sharedDecisions > decisions(ofRun: parent).count {
                found.append(
                    Diagnostic(
                        path: "/runs/shared_decisions[\(index)]",
                        "it shares \(run.sharedDecisions) decisions with run \(parent), which has "
                            + "fewer"))
                continue
            }
            found += problems(
                of: decisions(ofRun: index), with: run.inCircuit,
                at: "/runs/decisions (run \(index))",
                listing: "/runs/in_circuit[\(index)]")
        }
        if let edge = (0..<graph.edgeCount).first(where: { edge in
            inCircuit[edge] && !nodeInCircuit[Int(graph.senderOfEdge[edge])]
        }) {
            found.append(
                Diagnostic(
                    path: "/nodes/in_circuit",
                    "the edge \(graph.edgeName(edge)) is in the circuit, and its sender isn't"))
        }
        found += neuronProblems
        return found
    }

    /// The first decision of an edge that was decided before, and the first that the circuit doesn't
    /// follow: it has an edge that was removed, or hasn't one that was kept and isn't a loose end.
    private func problems(
        of decisions: [LoggedDecision], with inCircuit: [Bool], at path: String,
        listing circuitPath: String
    ) -> [Diagnostic] {
        var decided: Set<Int32> = []
        var joined = inCircuit
        for decision in decisions {
            let name = graph.edgeName(Int(decision.edge))
            guard decided.insert(decision.edge).inserted else {
                return [Diagnostic(path: path, "the edge \(name) is decided twice")]
            }
            guard decision.removed else {
                joined[Int(decision.edge)] = true
                continue
            }
            if inCircuit[Int(decision.edge)] {
                return [
                    Diagnostic(
                        path: path, "the edge \(name) was removed, and \(circuitPath) has it")
                ]
            }
        }
        guard joined != inCircuit, let kept = try? GraphTopology(graph).pruned(joined),
            let edge = kept.indices.first(where: { kept[$0] && !inCircuit[$0] })
        else { return [] }
        return [
            Diagnostic(
                path: path,
                "the edge \(graph.edgeName(edge)) was kept and is no loose end, and \(circuitPath) "
                    + "hasn't it")
        ]
    }

    /// Neurons in the circuit that their node doesn't have.
    private var neuronProblems: [Diagnostic] {
        guard let neurons, let neuronCounts else { return [] }
        let node = graph.nodes.indices.first { node in
            neurons[row: node].dropFirst(Int(max(0, neuronCounts[node]))).contains(true)
        }
        return node.map {
            [
                Diagnostic(
                    path: "/nodes/neuron_in_circuit[\($0)]",
                    "\(graph.nodes[$0]) has \(neuronCounts[$0]) neurons, and one beyond is in it")
            ]
        } ?? []
    }
}
