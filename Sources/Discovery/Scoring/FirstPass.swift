import Artifacts
import Engine
import Experiments
import Graphs

/// A run of the model that wasn't recorded before, because the first pass of a method over each pair
/// is that run: what senders output there is taken from the pass, and kept as long as it is needed.
struct FirstPass: Sendable {
    /// On which prompts it is.
    let run: ActivationRun
    /// The normalised final stream at the ends of its prompts, `[pair, d_model]`. Each piece of pairs
    /// writes its rows; they are complete once all pairs are scored.
    let ends: FloatBuffer

    /// The run that an experiment leaves to the method; nil if both are recorded.
    init?(of experiment: Experiment) {
        guard let run = experiment.activations.unrecordedRun else { return nil }
        self.run = run
        ends = FloatBuffer(zeros: experiment.pairCount * experiment.graph.dModel)
    }
}
