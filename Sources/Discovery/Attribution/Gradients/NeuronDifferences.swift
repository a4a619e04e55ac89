import Artifacts
import Basics
import Engine
import Experiments
import Graphs
import Models

/// How a cut changes the neurons of every sender: the hidden layer of an MLP, a head's z, the
/// embedding. A neuron's score is its change times the gradient at it, which is the output's gradient
/// times the neuron's column of the output weights; those of a node add up to the node's score. There
/// are two exceptions, both of MLPs: under zero ablation the bias of the output belongs to no neuron,
/// and where a norm follows the MLP, as in Gemma 2, its neurons come before it and add up to first
/// order only.
struct NeuronDifferences: Sendable {
    /// Ablated minus clean hidden layers, by layer, `[row, d_mlp]`.
    private let hidden: [FloatBuffer]
    private let experiment: Experiment
    private var configuration: ModelConfiguration { experiment.transformer.configuration }

    /// Runs the model on both prompts for its hidden layers.
    /// - Throws: `Failure` when the model can't read the prompts, and under optimal ablation, which
    ///   has no constants for neurons.
    init(_ experiment: Experiment) throws {
        self.experiment = experiment
        let clean = try HiddenLayers(
            of: experiment.dataset.clean.ids, with: experiment.transformer)
        let ablated = try HiddenLayers.ablated(in: experiment)
        hidden = zip(ablated, clean.values).map { FloatBuffer($0, minus: $1) }
    }

    private var headsWidth: Int { configuration.nHeads * configuration.dHead }
    /// Neurons of a layer.
    private var layerWidth: Int { headsWidth + configuration.dMLP }

    /// Number of neurons in all.
    var count: Int { configuration.dModel + configuration.nLayers * layerWidth }
    /// The most neurons of a component.
    var widest: Int { max(configuration.dModel, headsWidth, configuration.dMLP) }

    /// Adds the scores of a component's neurons.
    /// - Parameters:
    ///   - gradient: that of the component's output before any norm, `[row of pairs, d_model]`.
    ///   - scores: `[pair, value]` as `layout` says.
    ///   - scratch: `[row, widest]`.
    func addProducts(
        with gradient: UnsafePointer<Float>, of component: DifferentiablePass.Component,
        pairs: Range<Int>, weight: Float, layout: ScoreLayout,
        to scores: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
        let prompts = experiment.clean.layout
        let dModel = configuration.dModel
        let first = prompts.starts[pairs.lowerBound]
        let rows = prompts.starts[pairs.upperBound] - first
        let (offset, width): (Int, Int)
        var values = gradient
        /// The gradient before the component's output weights, `[row, width]`.
        func pullBack(through weights: Weight) -> UnsafePointer<Float> {
            weights.applyTransposed(
                gradient, stride: dModel, to: scratch, stride: weights.inputs, rows: rows)
            return UnsafePointer(scratch)
        }
        /// The terms of the change, ablated minus clean, with their signs.
        let terms: [(values: FloatBuffer, sign: Float)]
        switch component {
        case .input:
            (offset, width) = (0, dModel)
            terms = [(experiment.ablated.input, 1), (experiment.clean.input, -1)]
        case .heads(let layer):
            (offset, width) = (dModel + layer * layerWidth, headsWidth)
            values = pullBack(through: experiment.transformer.layers[layer].attention.output.weight)
            terms = [(experiment.ablated.z[layer], 1), (experiment.clean.z[layer], -1)]
        case .mlp(let layer):
            (offset, width) = (dModel + layer * layerWidth + headsWidth, configuration.dMLP)
            values = pullBack(
                through: experiment.transformer.layers[layer].mlp.weights.output.weight)
            terms = [(hidden[layer], 1)]
        }
        for (index, pair) in pairs.enumerated() {
            for (position, row) in prompts.rows(pair).enumerated() {
                let target =
                    scores + index * layout.width + layout.neuronStart
                    + (layout.resolvesPositions ? position * layout.neurons : 0) + offset
                for term in terms {
                    target.addProducts(
                        of: term.values.values + row * width, values + (row - first) * width,
                        times: weight * term.sign, count: width)
                }
            }
        }
    }

    /// Scores of all neurons, `[position, neuron]`, as a table `[node, neuron]` of each sender at each
    /// position, and `logits`; NaN where a node has fewer neurons.
    func table(
        _ scores: ArraySlice<Float>, positions: Int, of graph: ComputationalGraph
    ) -> DenseArray<Float> {
        let width = max(configuration.dModel, configuration.dMLP, configuration.dHead)
        var values: [Float] = []
        var start = scores.startIndex
        for node in graph.senders {
            let neurons = configuration.neuronCount(of: node)
            for position in 0..<positions {
                let first = start + position * count
                values += scores[first..<first + neurons]
                values += Array(repeating: .nan, count: width - neurons)
            }
            start += neurons
        }
        values += Array(repeating: .nan, count: width)
        return DenseArray(shape: [graph.senders.count * positions + 1, width], values: values)
    }
}
