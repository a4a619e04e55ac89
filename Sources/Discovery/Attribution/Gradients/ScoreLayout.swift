import Graphs

/// Where the values of one pair lie while scores are computed: `[position, edge]`, then
/// `[position, neuron]`.
struct ScoreLayout: Sendable {
    let edgeCount: Int
    /// Positions of which scores are kept apart; 1 if they aren't.
    let positions: Int
    let resolvesPositions: Bool
    /// Neurons of all nodes together.
    let neurons: Int

    /// - Parameter positions: the longest prompt, where positions are resolved.
    init(_ graph: ComputationalGraph, positions: Int? = nil, neurons: Int = 0) {
        edgeCount = graph.edgeCount
        self.positions = positions ?? 1
        resolvesPositions = positions != nil
        self.neurons = neurons
    }

    /// Where a pair's neurons start.
    var neuronStart: Int { edgeCount * positions }
    /// Values a pair.
    var width: Int { neuronStart + neurons * positions }
}
