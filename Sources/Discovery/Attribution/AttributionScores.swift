package import Artifacts
package import Engine
import Graphs

/// The scores of all edges of a graph.
package struct AttributionScores: Sendable {
    /// The mean over pairs, `[edge]`, or `[position, edge]` where positions are resolved.
    package internal(set) var mean: [Float]
    /// The score in each pair, `[pair, edge]`, if it was asked for.
    package let perPair: FloatBuffer?
    /// The score of each node, `[node]`, senders and then `logits`, of methods that score nodes; where
    /// positions are resolved, of a sender at each of them.
    package var ofNodes: [Float]?
    /// The score of each neuron of each of these nodes' output, `[node, neuron]`, NaN where a node
    /// has fewer.
    package var ofNeurons: DenseArray<Float>?
    /// The mean loss of the pairs step by step, of methods that learn masks: with the masks drawn at
    /// a step, without what the edges cost.
    package var losses: [Double]?
}

/// What scores are resolved by, besides edges.
package struct ScoreResolution: OptionSet, Sendable {
    /// Both.
    package let rawValue: Int

    /// A set of them.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Each edge at each position: the scores of an edge add up to its score.
    package static let positions = ScoreResolution(rawValue: 1)
    /// The neurons of each node besides the edges: they add up to the node's score.
    package static let neurons = ScoreResolution(rawValue: 2)
}

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
