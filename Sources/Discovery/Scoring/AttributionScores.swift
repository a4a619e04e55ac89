package import Artifacts
package import Engine
import Experiments

/// The scores of all edges of a graph.
package struct AttributionScores: Sendable {
    /// The mean over pairs, `[edge]`, or `[position, edge]` where positions are resolved; NaN where
    /// an edge wasn't scored.
    package internal(set) var mean: [Float]
    /// The mean losses of the pairs between which circuits lie.
    package internal(set) var losses: ReferenceLosses
    /// The score in each pair, `[pair, edge]`, if it was asked for.
    package internal(set) var perPair: FloatBuffer?
    /// The score of each node, `[node]`, senders and then `logits`, of methods that score nodes; where
    /// positions are resolved, of a sender at each of them.
    package internal(set) var ofNodes: [Float]?
    /// The score of each neuron of each of these nodes' outputs, `[node, neuron]`, NaN where a node
    /// has fewer.
    package internal(set) var ofNeurons: DenseArray<Float>?
    /// The mean loss of the pairs step by step, of methods that learn masks: with the masks drawn at
    /// a step, without the price of edges.
    package internal(set) var trainingLosses: [Double]?
}

/// The mean loss of the pairs, the metric as minimised, of the two circuits that all others lie
/// between.
package struct ReferenceLosses: Hashable, Sendable {
    /// Of the full model on the clean prompts.
    package let full: Double
    /// With every edge cut.
    package let ablated: Double

    /// The losses of an experiment.
    /// - Parameter firstPass: the run that a method's first pass was, where it wasn't recorded
    ///   before; its ends are known by now.
    init(of experiment: Experiment, _ firstPass: FirstPass? = nil) {
        let (transformer, metric) = (experiment.transformer, experiment.metric)
        func logits(of run: ActivationRun, recorded: () -> FloatBuffer) -> FloatBuffer {
            guard let firstPass, firstPass.run == run else { return recorded() }
            return transformer.unembed(normalized: firstPass.ends, rows: experiment.pairCount)
        }
        let clean = logits(of: .clean) { experiment.activations.cleanLogits }
        let cut = logits(of: .corrupted) { experiment.ablated.logits(with: transformer) }
        full = metric.lossSign * metric.mean(logits: clean)
        ablated = metric.lossSign * metric.mean(logits: cut)
    }
}
