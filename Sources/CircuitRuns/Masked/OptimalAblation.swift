package import Basics
package import Engine
package import Experiments
package import Graphs
import Models
import Tasks

/// Fits the constants of optimal ablation (Li and Janson 2024): those that make the model lose least
/// where they replace the outputs of senders.
///
/// What is lost is the KL divergence from the full model, whatever circuits are judged by later: a
/// logit difference could be raised without end. The expectation is over random circuits, one a
/// pair and step: its share of edges is drawn evenly from 0 to 1, then every edge with that chance.
/// So one set of constants serves circuits of every size; the paper fits constants to each single
/// component, or together with a circuit. Heads' constants are z, as in the authors' code.
package struct OptimalAblation: Sendable {
    /// How constants are fitted.
    package struct Options: Hashable, Sendable {
        /// Steps of Adam, whose rate falls to 0 over them.
        package var steps: Int
        /// The first learning rate, in units of how much a sender's output varies.
        package var learningRate: Double
        /// Where the draws start.
        package var seed: UInt64

        /// Options; without arguments, those of the tools.
        package init(steps: Int = 100, learningRate: Double = 0.05, seed: UInt64 = 0) {
            self.steps = steps
            self.learningRate = learningRate
            self.seed = seed
        }
    }

    /// Constants and what they are worth.
    package struct Result: Sendable {
        /// The constants: the means, if no better ones were found.
        package var constants: SenderConstants
        /// The mean loss over random circuits that no step saw, with the means of mean ablation.
        package var lossOfMeans: Double
        /// The same with these constants.
        package var loss: Double
    }

    private let graph: ComputationalGraph
    private let transformer: Transformer
    private let evaluator: MaskedEvaluator
    private let layout: RowLayout
    private let options: Options
    /// The means over pairs and positions of the corrupted prompts, and how far single values are
    /// from them, in each sender's own units; `[sender, width]`.
    private let means: [Double]
    private let scales: [Double]

    /// Prepares the fit on some pairs.
    /// - Throws: `Failure` where the number of steps makes no sense or the metric can't be
    ///   evaluated.
    package init(
        _ graph: ComputationalGraph, transformer: Transformer, activations: PairActivations,
        options: Options = Options()
    ) throws(Failure) {
        guard (0...1_000_000).contains(options.steps) else {
            throw Failure(
                .usage, "steps of ablation must be from 0 to 1000000, not \(options.steps)")
        }
        self.graph = graph
        self.transformer = transformer
        self.options = options
        layout = activations.clean.layout
        // What a cut edge carries is given with each evaluation.
        evaluator = MaskedEvaluator(
            try Experiment(
                graph, transformer: transformer, metric: .kl, activations: activations))
        (means, scales) = Self.statistics(
            activations.corrupted, graph, dHead: transformer.configuration.dHead)
    }

    /// Fits the constants, starting from the means.
    /// - Parameter report: is given the loss of each step.
    package func fit(_ report: (MaskTrainingStep) -> Void = { _ in }) -> Result {
        // Distances from the means, in units of each sender's scale.
        var offsets = [Double](repeating: 0, count: means.count)
        var optimiser = Adam(offsets.count, learningRate: options.learningRate)
        for step in 0..<options.steps {
            let result = evaluator.evaluate(
                circuits(step), ablated: constants(offsets).outputs(layout), gradients: .ablated)
            optimiser.learningRate =
                options.learningRate * (1 - Double(step) / Double(options.steps))
            let gradient = compact(result.ablatedGradient)
            optimiser.step(&offsets, against: zip(gradient, scales).map(*))
            report(
                MaskTrainingStep(
                    number: step + 1, count: options.steps, loss: result.loss, openShare: 0.5))
        }
        let start = constants(means.map { _ in 0 })
        let end = constants(offsets)
        let (before, after) = (heldOutLoss(start), heldOutLoss(end))
        return after < before
            ? Result(constants: end, lossOfMeans: before, loss: after)
            : Result(constants: start, lossOfMeans: before, loss: before)
    }

    /// The mean loss over circuits that no step sees.
    private func heldOutLoss(_ constants: SenderConstants) -> Double {
        let draws = 4
        let ablated = constants.outputs(layout)
        return (1...draws).reduce(0) {
            $0 + evaluator.evaluate(circuits(-$1), ablated: ablated).loss
        } / Double(draws)
    }

    /// A random circuit for each pair.
    private func circuits(_ draw: Int) -> EdgeMasks {
        let (seed, edgeCount) = (options.seed, graph.edgeCount)
        return .ofPairs { pair, mask in
            var generator = SplitMix64(seed: seed, branches: [draw, pair])
            let share = generator.nextUnit()
            for edge in 0..<edgeCount { mask[edge] = generator.nextUnit() < share ? 1 : 0 }
        }
    }

    private func constants(_ offsets: [Double]) -> SenderConstants {
        SenderConstants(
            offsets.indices.map { Float(means[$0] + scales[$0] * offsets[$0]) }, graph: graph,
            dHead: transformer.configuration.dHead)
    }

    /// Gradients `[sender, d_model]` in the form of the constants: a head's by its z.
    private func compact(_ gradient: [Double]) -> [Double] {
        let (dModel, dHead) = (graph.dModel, transformer.configuration.dHead)
        var result: [Double] = []
        result.reserveCapacity(means.count)
        for (sender, node) in graph.senders.enumerated() {
            let ofSender = gradient[sender * dModel..<(sender + 1) * dModel]
            guard case .head(let layer, let head) = node else {
                result += ofSender
                continue
            }
            let inStream = ofSender.map(Float.init)
            var ofZ = [Float](repeating: 0, count: dHead)
            transformer.layers[layer].attention.outputWeight(ofHead: head)
                .applyTransposed(inStream, stride: dModel, to: &ofZ, stride: dHead, rows: 1)
            result += ofZ.map(Double.init)
        }
        return result
    }

    /// Each sender's mean over rows, and the root of its mean squared distance from it.
    private static func statistics(
        _ outputs: SenderOutputs, _ graph: ComputationalGraph, dHead: Int
    ) -> (means: [Double], scales: [Double]) {
        var means: [Double] = []
        var scales: [Double] = []
        let rows = outputs.layout.rowCount
        for node in graph.senders {
            let (values, stride, width) = outputs.compact(node, dHead: dHead)
            let ofSender = (0..<width).map { column in
                (0..<rows).reduce(0) { $0 + Double(values[$1 * stride + column]) }
                    / Double(max(1, rows))
            }
            var squares = 0.0
            for row in 0..<rows {
                for column in 0..<width {
                    let distance = Double(values[row * stride + column]) - ofSender[column]
                    squares += distance * distance
                }
            }
            means += ofSender
            let scale = (squares / Double(max(1, rows * width))).squareRoot()
            scales += Array(repeating: scale, count: width)
        }
        return (means, scales)
    }
}
