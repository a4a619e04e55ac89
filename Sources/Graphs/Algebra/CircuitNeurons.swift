import Artifacts
import Basics

/// The single neurons of two circuits compared.
package struct NeuronComparison: Hashable, Sendable {
    /// Neurons that both circuits have.
    package var both = 0
    /// Neurons that only the first has.
    package var onlyFirst = 0
    /// Neurons that only the second has.
    package var onlySecond = 0

    /// Whether both circuits have the same.
    package var areSame: Bool { onlyFirst == 0 && onlySecond == 0 }

    /// Compares the neurons of two circuits of one graph; nil where neither is of single neurons, or
    /// where their tables don't match. A circuit of whole nodes has all neurons of them.
    init?(_ first: CircuitArtifact, _ second: CircuitArtifact) {
        guard first.graph == second.graph, let tables = first.neuronTables(with: second)
        else { return nil }
        for pair in zip(tables.own.values, tables.other.values) {
            switch pair {
            case (true, true): both += 1
            case (true, false): onlyFirst += 1
            case (false, true): onlySecond += 1
            case (false, false): break
            }
        }
    }
}

extension CircuitArtifact {
    /// Its neurons, `[node, neuron]`: those of whole nodes as `other` counts them.
    private func neurons(like other: CircuitArtifact) -> DenseArray<Bool>? {
        if let neurons { return neurons }
        guard let table = other.neurons else { return nil }
        let width = table.shape[1]
        let counts = other.neuronCounts ?? graph.nodes.map { _ in Int32(width) }
        return DenseArray(
            shape: [graph.nodes.count, width],
            values: graph.nodes.indices.flatMap { node in
                (0..<width).map { nodeInCircuit[node] && $0 < counts[node] }
            })
    }

    /// The neurons of both circuits, `[node, neuron]`; nil where neither is of single neurons, or where
    /// their tables differ in shape.
    fileprivate func neuronTables(
        with other: CircuitArtifact
    ) -> (own: DenseArray<Bool>, other: DenseArray<Bool>)? {
        guard let mine = neurons(like: other), let theirs = other.neurons(like: self),
            mine.shape == theirs.shape
        else { return nil }
        return (mine, theirs)
    }

    /// The neurons that an operation leaves; nil where neither circuit is of single neurons.
    /// - Throws: `Failure`: bad data where their tables don't match; usage for a difference, in
    ///   which an edge can't lack a part of its sender.
    func neurons(
        _ operation: CircuitSetOperation, with other: CircuitArtifact
    ) throws(Failure) -> DenseArray<Bool>? {
        guard neurons != nil || other.neurons != nil else { return nil }
        guard operation != .difference else {
            throw Failure(
                .usage,
                "no difference of circuits of single neurons: an edge is in it or not, whatever its "
                    + "sender's neurons; take the intersection or the union")
        }
        guard let tables = neuronTables(with: other) else {
            throw Failure(
                .badData,
                "no \(operation.rawValue) of circuits whose tables of neurons differ in shape")
        }
        return DenseArray(
            shape: tables.own.shape,
            values: zip(tables.own.values, tables.other.values).map(operation.keeps))
    }
}
