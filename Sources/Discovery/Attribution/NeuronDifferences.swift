import Artifacts
import Basics
import CKernels
import Engine
import Experiments
import Graphs
import Models

/// What a cut changes in the neurons of every sender: the hidden layer of an MLP, a head's z, the
/// embedding. A neuron's score is its change times the gradient at it, which comes through its column
/// of the output weights; those of a node add up to the node's score. There are two exceptions, both
/// of MLPs: under zero ablation the bias of the output is no neuron's, and where a norm follows the
/// MLP, as in Gemma 2, its neurons come before it and add up to first order only.
struct NeuronDifferences: Sendable {
    /// Ablated minus clean hidden layers, by layer, `[row, d_mlp]`.
    private let hidden: [FloatBuffer]
    private let scorer: AttributionScorer
    private var configuration: ModelConfiguration { scorer.transformer.configuration }

    /// Runs the model on both prompts for its hidden layers.
    /// - Throws: `Failure` when the model can't read the prompts; `Failure` under optimal
    ///   ablation, which has no constants for neurons.
    init(_ scorer: AttributionScorer) throws {
        self.scorer = scorer
        let (activations, transformer) = (scorer.activations, scorer.transformer)
        let clean = try HiddenLayers(of: activations.dataset.clean.ids, with: transformer)
        let ablated = try HiddenLayers.ablated(in: scorer.experiment)
        hidden = zip(ablated, clean.values).map { new, old in
            let change = FloatBuffer(count: old.count)
            ckernels_difference(change.values, new.values, old.values, old.count)
            return change
        }
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
    ///   - gradient: that of what the component puts out before any norm, `[row of pairs, d_model]`.
    ///   - scores: `[pair, value]` as `layout` says.
    ///   - scratch: `[row, widest]`.
    func addProducts(
        with gradient: UnsafePointer<Float>, of component: DifferentiablePass.Component,
        pairs: Range<Int>, weight: Float, layout: ScoreLayout,
        to scores: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
        let prompts = scorer.clean.layout
        let dModel = configuration.dModel
        let first = prompts.starts[pairs.lowerBound]
        let rows = prompts.starts[pairs.upperBound] - first
        let (offset, width): (Int, Int)
        var values = gradient
        func pullBack(through weights: Weight) -> UnsafePointer<Float> {
            weights.applyTransposed(
                gradient, stride: dModel, to: scratch, stride: weights.inputs, rows: rows)
            return UnsafePointer(scratch)
        }
        /// Terms with their signs: a change is what is ablated minus what is clean.
        let terms: [(values: FloatBuffer, sign: Float)]
        switch component {
        case .input:
            (offset, width) = (0, dModel)
            terms = [(scorer.ablated.input, 1), (scorer.clean.input, -1)]
        case .heads(let layer):
            (offset, width) = (dModel + layer * layerWidth, headsWidth)
            values = pullBack(through: scorer.transformer.layers[layer].attention.output.weight)
            terms = [(scorer.ablated.z[layer], 1), (scorer.clean.z[layer], -1)]
        case .mlp(let layer):
            (offset, width) = (dModel + layer * layerWidth + headsWidth, configuration.dMLP)
            values = pullBack(through: scorer.transformer.layers[layer].mlp.weights.output.weight)
            terms = [(hidden[layer], 1)]
        }
        for (index, pair) in pairs.enumerated() {
            for (position, row) in prompts.rows(pair).enumerated() {
                let target =
                    scores + index * layout.width + layout.neuronStart
                    + (layout.resolvesPositions ? position * layout.neurons : 0) + offset
                for term in terms {
                    ckernels_add_products(
                        target, term.values.values + row * width,
                        values + (row - first) * width, weight * term.sign, width)
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
