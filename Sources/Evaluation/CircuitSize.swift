package import Artifacts

/// How large a circuit is.
package struct CircuitSize: EvaluationPart {
    /// The number of edges.
    let edges: Int
    /// The number of edges, weighted by the share of their sender's neurons that are in the circuit.
    let weightedEdges: Double
    /// The number of nodes.
    let nodes: Int

    /// The size of a circuit.
    package init(of circuit: CircuitArtifact) {
        edges = circuit.inCircuit.count { $0 }
        weightedEdges = circuit.weightedEdgeCount
        nodes = circuit.nodeInCircuit.count { $0 }
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.figures += [
            EvaluationArtifact.Figure(name: "edges", value: Double(edges)),
            EvaluationArtifact.Figure(name: "weighted-edges", value: weightedEdges),
            EvaluationArtifact.Figure(name: "nodes", value: Double(nodes)),
        ]
    }
}

extension CircuitArtifact {
    /// The number of edges as the MIB benchmark counts those of circuits of neurons: each is weighted
    /// by the share of its sender's neurons that are in the circuit,
    ///
    ///     sum over edges u -> r of (neurons of u in the circuit) / (neurons of u)
    ///
    /// Edges out of a node whose neurons aren't chosen count 1.
    package var weightedEdgeCount: Double {
        guard let neurons, neurons.shape.count == 2, neurons.shape[1] > 0 else {
            return Double(inCircuit.count { $0 })
        }
        let width = neurons.shape[1]
        let shares = (0..<graph.nodes.count).map { node in
            let all = neuronCounts.map { Double($0[node]) } ?? Double(width)
            return Double(neurons.values[node * width..<(node + 1) * width].count { $0 })
                / max(1, all)
        }
        return inCircuit.indices.reduce(0) { sum, edge in
            inCircuit[edge] ? sum + shares[Int(graph.senderOfEdge[edge])] : sum
        }
    }
}
