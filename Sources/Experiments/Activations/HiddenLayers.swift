import Artifacts
package import Basics
package import Engine
import Graphs
import Models

/// The hidden layers of all MLPs on some prompts: an MLP's neurons.
package struct HiddenLayers: Sendable {
    /// How prompts lie in the rows.
    let layout: RowLayout
    /// By layer, `[row, d_mlp]`.
    package let values: [FloatBuffer]

    /// Runs the model.
    /// - Throws: `Failure` when the model can't read the prompts.
    package init(of prompts: [[Int32]], with transformer: Transformer) throws(Failure) {
        let layers = 0..<transformer.configuration.nLayers
        let activations = try transformer.record(
            Set(layers.map { .block($0, .mlpPost) }), of: prompts
        ).activations
        layout = activations.layout
        var values: [FloatBuffer] = []
        for layer in layers {
            guard let hidden = activations[.block(layer, .mlpPost)] else {
                throw Failure(
                    .internalError, "a forward pass left out activations it was asked for")
            }
            values.append(hidden)
        }
        self.values = values
    }

    /// The hidden layers that replace those of the clean prompts under an ablation.
    /// - Throws: `Failure` when the model can't read the corrupted prompts, and under optimal
    ///   ablation, which has no constants for neurons.
    package static func ablated(in experiment: Experiment) throws -> [FloatBuffer] {
        let corrupted = try HiddenLayers(
            of: experiment.dataset.corrupted.ids, with: experiment.transformer)
        return try corrupted.values.enumerated().map { layer, values in
            try experiment.ablation.replacement(
                of: values, corrupted.layout, at: .block(layer, .mlpPost),
                constants: experiment.activations.constants)
        }
    }
}
