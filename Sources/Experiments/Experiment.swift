package import Artifacts
package import Basics
package import Engine
package import Graphs
package import Tasks

/// A model on pairs of prompts: the graph, both runs, the metric, and what a cut edge carries. It is
/// what every search, score and evaluation of circuits starts from.
///
/// Given a circuit, a receiver's input is the sum of the current outputs of the senders whose edge is
/// in it and of the ablated outputs of the others.
package struct Experiment: Sendable {
    /// The model's computational graph.
    package let graph: ComputationalGraph
    /// The model.
    package let transformer: Transformer
    /// The pairs, and what senders output on the clean and on the corrupted prompts.
    package let activations: PairActivations
    /// What circuits are judged by, bound to the pairs.
    package let metric: BoundMetric
    /// What takes the place of a sender's output where an edge is cut.
    package let ablation: Ablation
    /// What senders output where an edge is cut.
    package let ablated: SenderOutputs

    /// A model on pairs whose activations are known.
    /// - Throws: `Failure`: bad data where the prompts of a pair differ in length or answers that the
    ///   metric reads are missing; usage where optimal ablation has no constants.
    package init(
        _ graph: ComputationalGraph, transformer: Transformer, metric: Metric,
        activations: PairActivations, ablation: Ablation = .resample
    ) throws(Failure) {
        let (clean, corrupted) = (activations.clean, activations.corrupted)
        guard clean.layout == corrupted.layout else {
            throw Failure(
                .badData, "a clean and a corrupted prompt have different lengths; make them equal")
        }
        self.graph = graph
        self.transformer = transformer
        self.activations = activations
        self.metric = try BoundMetric(
            metric, dataset: activations.dataset, transformer: transformer,
            cleanLogits: activations.cleanLogits)
        self.ablation = ablation
        ablated = try ablation.outputs(
            clean: clean, corrupted: corrupted, constants: activations.constants,
            meansOver: activations.dataset.wholePrompts)
    }

    /// The pairs.
    package var dataset: DatasetArtifact { activations.dataset }
    /// What senders output on the clean prompts.
    package var clean: SenderOutputs { activations.clean }
    /// What senders output on the corrupted prompts.
    package var corrupted: SenderOutputs { activations.corrupted }
    /// Number of pairs.
    package var pairCount: Int { activations.dataset.pairCount }

    /// By how much the metric of a pair changes when every edge is cut, whatever the direction; the
    /// mean over pairs: the scale of thresholds.
    package var effectOfAllEdges: Double {
        func values(_ outputs: SenderOutputs) -> [Double] {
            metric.valuesOfAnswers(metric.values(logits: outputs.logits(with: transformer)))
        }
        let changes = zip(values(ablated), values(clean)).map { abs($0 - $1) }
        return changes.reduce(0, +) / Double(max(1, changes.count))
    }
}
