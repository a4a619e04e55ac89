package import Artifacts
import Basics
package import CircuitRuns
package import Graphs

extension EvaluationArtifact {
    /// Adds how large a circuit is: its edges, its nodes, and its edges weighted by the share of
    /// their sender's neurons that are in it (as the MIB benchmark counts neuron-level circuits).
    package mutating func addSize(of circuit: CircuitArtifact) {
        figures.append(Figure(name: "edges", value: Double(circuit.inCircuit.count { $0 })))
        figures.append(Figure(name: "weighted-edges", value: circuit.weightedEdgeCount))
        figures.append(Figure(name: "nodes", value: Double(circuit.nodeInCircuit.count { $0 })))
    }

    /// Adds the metric and the faithfulness of a circuit.
    /// - Parameter neurons: which neurons are in it; nil is all.
    package mutating func addFaithfulness(
        of inCircuit: [Bool], neurons: NeuronMasks? = nil, judge: CircuitJudge
    ) {
        addEnds(judge)
        let values = judge.values(of: inCircuit, neurons: neurons)
        pairColumns["circuit"] = values
        figures.append(judge.resampling.figure("metric-circuit") { $0(values) })
        figures.append(
            judge.resampling.figure("faithfulness") { judge.faithfulness(values, $0) })
    }

    /// Adds the faithfulness of random circuits of the same size: edges taken greedily from the
    /// logits by random scores, as many as leave at most as many once loose ends are gone. The mean
    /// over `count` circuits, a number that is a figure too.
    package mutating func addRandomCircuits(
        like inCircuit: [Bool], count: Int, seed: UInt64, topology: GraphTopology,
        judge: CircuitJudge
    ) {
        guard count > 0 else { return }
        var generator = SplitMix64(seed: seed)
        let size = topology.pruned(inCircuit).count { $0 }
        let values = (0..<count).map { _ in
            let scores = inCircuit.map { _ in Float(generator.nextUnit()) }
            let selection = EdgeSelection(.budget(size), greedy: true)
            return judge.values(of: selection.select(scores, in: topology).inCircuit)
        }
        addDrawings(count)
        figures.append(
            judge.resampling.figure("faithfulness-random") { mean in
                values.reduce(0) { $0 + judge.faithfulness($1, mean) } / Double(count)
            })
    }

    /// Adds how many drawings the figures of random circuits are means of.
    mutating func addDrawings(_ count: Int) {
        guard !figures.contains(where: { $0.name == "random-drawings" }) else { return }
        figures.append(Figure(name: "random-drawings", value: Double(count)))
    }

    /// Adds the minimality of each edge of a circuit: by how much the loss (the metric as minimised)
    /// grows when that edge is cut besides, and its interval.
    /// - Parameter progress: is told now and then how many receivers of how many are done.
    package mutating func addMinimality(
        of inCircuit: [Bool], judge: CircuitJudge,
        progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) {
        let (whole, cut) = judge.evaluator.valuesWithoutEach(of: inCircuit, progress: progress)
        let sign = judge.lossSign
        var columns = [[Double]](
            repeating: [Double](repeating: .nan, count: inCircuit.count), count: 3)
        for edge in inCircuit.indices where inCircuit[edge] {
            let values = cut[edge] ?? whole
            func growth(_ mean: PairMean) -> Double { sign * (mean(values) - mean(whole)) }
            columns[0][edge] = growth(.ofAll)
            (columns[1][edge], columns[2][edge]) = judge.resampling.interval(growth)
        }
        graph = judge.graph
        edgeColumns["minimality"] = columns[0]
        if judge.resampling.bootstrap != nil {
            edgeColumns["minimality_lower"] = columns[1]
            edgeColumns["minimality_upper"] = columns[2]
        }
        let edges = inCircuit.indices.filter { inCircuit[$0] }
        guard !edges.isEmpty else { return }
        func growths(_ mean: PairMean) -> [Double] {
            let base = mean(whole)
            return edges.map { edge in sign * ((cut[edge].map { mean($0) } ?? base) - base) }
        }
        figures.append(
            judge.resampling.figure("minimality-least") { growths($0).min() ?? .nan })
        figures.append(
            judge.resampling.figure("minimality-mean") {
                growths($0).reduce(0, +) / Double(edges.count)
            })
    }
}

extension CircuitArtifact {
    /// The number of edges, each weighted by the share of its sender's neurons in the circuit: those
    /// of a node whose neurons aren't chosen count whole.
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
