package import Artifacts
package import Basics

/// How a circuit is taken from the scores of nodes, or of single neurons: the best of them, and all
/// edges between their nodes. `input` and `logits` belong to every circuit, whole, and don't count.
package struct NodeSelection: Hashable, Sendable {
    /// What is taken.
    package enum Unit: String, Hashable, Sendable {
        /// Nodes.
        case nodes
        /// Single neurons; a node is in the circuit with any of them.
        case neurons
    }

    /// What is taken.
    package var unit: Unit
    /// How many at most.
    package var count: Int
    /// Whether scores count by their size.
    package var absolute: Bool

    /// A selection.
    package init(_ unit: Unit, count: Int, absolute: Bool = false) {
        self.unit = unit
        self.count = count
        self.absolute = absolute
    }

    /// The indices of the best scores, of equal ones the first; those without a score, NaN, never.
    /// - Throws: `Failure` (usage) where there are fewer.
    func best(of scores: [Float], among candidates: Range<Int>) throws(Failure) -> [Int] {
        func strength(_ index: Int) -> Float { absolute ? abs(scores[index]) : scores[index] }
        let ranked = candidates.filter { !scores[$0].isNaN }.sorted {
            (strength($1), $0) < (strength($0), $1)
        }
        guard count <= ranked.count else {
            throw Failure(
                .usage,
                "--\(unit.rawValue) \(count): the graph has \(ranked.count) besides the input and "
                    + "the logits")
        }
        return Array(ranked.prefix(count))
    }
}

extension CircuitArtifact {
    /// The circuit that a selection of nodes or neurons takes from stored scores. It was never run.
    /// - Throws: `Failure` where the scores have none of nodes or neurons.
    package init(
        _ selection: NodeSelection, from scores: EdgeScoresArtifact, digest: String
    ) throws(Failure) {
        let graph = scores.graph
        if graph.level == "position" {
            throw Failure(
                .usage,
                "the scores are by position; sum them up first (circuit-score --level "
                    + "\(selection.unit == .neurons ? "neuron" : GraphLevel(ofReceiversIn: graph).rawValue))"
            )
        }
        let nodes = 1..<graph.nodes.count - 1
        var chosen = [Bool](repeating: false, count: graph.nodes.count)
        (chosen[0], chosen[graph.nodes.count - 1]) = (true, true)
        var neurons: DenseArray<Bool>?
        var counts: [Int32]?
        switch selection.unit {
        case .nodes:
            for node in try selection.best(of: scores.scoresOfNodes(), among: nodes) {
                chosen[node] = true
            }
        case .neurons:
            guard let table = scores.neuronScores, graph.level == GraphLevel.edge.rawValue else {
                throw Failure(
                    .usage,
                    "the scores have none of neurons; score the model with --level neuron")
            }
            let width = table.shape[1]
            var taken = table.values.map { _ in false }
            // Of `input` all, as far as it has them.
            for index in 0..<width { taken[index] = !table.values[index].isNaN }
            for index in try selection.best(
                of: table.values, among: width..<nodes.upperBound * width)
            {
                taken[index] = true
                chosen[index / width] = true
            }
            neurons = DenseArray(shape: table.shape, values: taken)
            counts = (0..<graph.nodes.count).map { node in
                Int32(table.values[node * width..<(node + 1) * width].count { !$0.isNaN })
            }
        }
        let topology = try GraphTopology(
            graph, isCausal: scores.model.isCausal)
        let between = (0..<graph.edgeCount).map { edge in
            chosen[topology.senderOfEdge[edge]]
                && topology.nodesOfReceiver[topology.receiverOfEdge[edge]].contains { chosen[$0] }
        }
        let inCircuit = topology.pruned(between)
        self.init(
            model: scores.model, graph: graph, inCircuit: inCircuit,
            nodeInCircuit: topology.nodes(of: inCircuit), scores: scores.scores,
            neurons: neurons, neuronCounts: counts, method: "top-\(selection.unit.rawValue)",
            metric: scores.metric, fullMetric: scores.fullMetric,
            corruptedMetric: scores.corruptedMetric,
            order: selection.absolute ? "absolute" : "signed",
            nominalEdgeCount: between.count { $0 }, ablation: scores.ablation,
            datasetDigest: scores.datasetDigest, cacheDigest: scores.cacheDigest,
            scoresDigest: digest)
    }
}

extension EdgeScoresArtifact {
    /// The score of each node, `[node]`: as it is stored, or, of methods whose scores add up, the sum
    /// of those of the edges out of it.
    func scoresOfNodes() -> [Float] {
        if let nodeScores { return nodeScores }
        var sums = [Double](repeating: 0, count: graph.nodes.count)
        for (edge, sender) in graph.senderOfEdge.enumerated() {
            sums[Int(sender)] += Double(scores[edge])
        }
        return sums.map { Float($0) }
    }
}
