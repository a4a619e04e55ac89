package import Artifacts
import Basics
import Engine
package import Experiments
import Graphs
import Models

/// Which neurons of the senders' outputs are present on their edges: values of the embedding, of a
/// head's z, of an MLP's hidden layer. The others have their ablated values.
package struct NeuronMasks: Sendable {
    /// `[d_model]`
    let input: FloatBuffer
    /// By layer, `[head * d_head]`.
    let heads: [FloatBuffer]
    /// By layer, `[d_mlp]`.
    let hidden: [FloatBuffer]
    /// What hidden layers are where a neuron isn't present: by layer, `[row, d_mlp]`.
    private let ablatedHidden: [FloatBuffer]

    /// The masks of a circuit of single neurons.
    /// - Parameter neurons: `[node, neuron]`, as circuits are stored.
    /// - Throws: `Failure` where the table isn't one of the model's neurons, or under optimal
    ///   ablation, which has no constants for them; `Failure` when the model can't read the
    ///   corrupted prompts.
    package init(
        _ neurons: DenseArray<Bool>, in experiment: Experiment
    ) throws {
        let (graph, configuration) = (experiment.graph, experiment.transformer.configuration)
        let width = neurons.shape.count == 2 ? neurons.shape[1] : 0
        let widest = graph.senders.map(configuration.neuronCount).max() ?? 0
        guard neurons.shape == [graph.senders.count + 1, width], width >= widest else {
            throw Failure(
                .badData,
                "its neurons are a table of \(neurons.shape), and the model has "
                    + "\(graph.senders.count + 1) nodes of up to \(widest) neurons")
        }
        func mask(_ senders: [Int]) -> FloatBuffer {
            FloatBuffer(
                senders.flatMap { sender in
                    neurons.values[sender * width..<(sender + 1) * width]
                        .prefix(configuration.neuronCount(of: graph.senders[sender]))
                        .map { $0 ? 1 : 0 }
                })
        }
        input = mask([0])
        heads = (0..<graph.nLayers).map { layer in
            mask((0..<graph.nHeads).map { graph.sender(layer: layer, head: $0) })
        }
        hidden = (0..<graph.nLayers).map { mask([graph.sender(mlp: $0)]) }
        ablatedHidden = try HiddenLayers.ablated(in: experiment)
    }

    /// Multiplies rows of differences with a mask.
    func multiply(
        _ values: UnsafeMutablePointer<Float>, by mask: FloatBuffer, rows: Int
    ) {
        for row in 0..<rows {
            (values + row * mask.count).multiply(by: mask.values, count: mask.count)
        }
    }

    /// Puts the ablated values into a hidden layer, `[row, d_mlp]`, where neurons aren't present.
    /// - Parameter first: the row of all pairs that is the first of these.
    func ablate(
        _ values: UnsafeMutablePointer<Float>, inLayer layer: Int, first: Int, rows: Int
    ) {
        let mask = hidden[layer]
        for row in 0..<rows {
            let values = values + row * mask.count
            let instead = ablatedHidden[layer].values + (first + row) * mask.count
            for index in 0..<mask.count where mask.values[index] == 0 {
                values[index] = instead[index]
            }
        }
    }
}
