package import Artifacts
package import Basics

/// An operation on two circuits of one graph, seen as sets of edges and nodes.
package enum CircuitSetOperation: String, CaseIterable, Hashable, Sendable {
    /// What either circuit has.
    case union
    /// What both circuits have.
    case intersection
    /// What the first circuit has and the second hasn't.
    case difference
}

extension CircuitArtifact {
    /// The circuit of the edges and nodes that `operation` leaves of this circuit and `other`.
    ///
    /// A difference keeps the nodes that its edges join. A score is this circuit's where it has one,
    /// else the other's. The metric of the result isn't known: it was never run.
    ///
    /// - Throws: ``Failure``: bad data if the graphs or the ablations aren't the same; usage for a difference of
    ///   circuits of single neurons.
    package func applying(
        _ operation: CircuitSetOperation, with other: CircuitArtifact
    ) throws(Failure) -> CircuitArtifact {
        guard graph == other.graph else {
            throw Failure(combining: graph, with: other.graph, by: operation)
        }
        guard ablation == other.ablation else {
            throw Failure(
                .badData,
                "no \(operation.rawValue) of circuits of different ablations (\(ablation); "
                    + "\(other.ablation)), in which a missing edge means different things; find both "
                    + "with the same --ablation")
        }
        let neurons = try neurons(operation, with: other)
        let edges = zip(inCircuit, other.inCircuit).map(operation.keeps)
        var nodes = zip(nodeInCircuit, other.nodeInCircuit).map(operation.keeps)
        if operation == .difference {
            nodes = try GraphTopology(graph).nodes(of: edges)
        }
        let isSameTask = metric == other.metric && datasetDigest == other.datasetDigest
        return CircuitArtifact(
            model: model?.digest == other.model?.digest ? model : nil, graph: graph,
            inCircuit: edges, nodeInCircuit: nodes, scores: mergedScores(with: other),
            neurons: neurons,
            neuronCounts: neurons == nil ? nil : neuronCounts ?? other.neuronCounts,
            roles: roles ?? other.roles, method: operation.rawValue,
            metric: metric == other.metric ? metric : "",
            fullMetric: isSameTask ? fullMetric : .nan,
            ablatedMetric: isSameTask ? ablatedMetric : .nan,
            ablation: ablation,
            datasetDigest: datasetDigest == other.datasetDigest ? datasetDigest : nil)
    }

    private func mergedScores(with other: CircuitArtifact) -> [Float]? {
        guard let mine = scores else { return other.scores }
        guard let theirs = other.scores else { return mine }
        return zip(mine, theirs).map { $0.isNaN ? $1 : $0 }
    }
}

extension CircuitSetOperation {
    /// Whether what the circuits have (`first`, `second`) is kept.
    func keeps(_ first: Bool, _ second: Bool) -> Bool {
        switch self {
        case .union: first || second
        case .intersection: first && second
        case .difference: first && !second
        }
    }
}

extension Failure {
    /// Two circuits can't be combined, because their graphs differ.
    fileprivate init(
        combining first: GraphTable, with second: GraphTable, by operation: CircuitSetOperation
    ) {
        func shape(_ graph: GraphTable) -> String {
            "\(graph.nLayers) layers, \(graph.nHeads) heads, level \(graph.level), "
                + "\(graph.edgeCount) edges"
        }
        self.init(
            .badData,
            "no \(operation.rawValue) of circuits of different graphs (\(shape(first)); "
                + "\(shape(second))); find both circuits with the same model and options")
    }
}
