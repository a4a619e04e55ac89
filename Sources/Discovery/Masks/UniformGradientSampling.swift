package import Basics
package import CircuitRuns
import Engine
package import Experiments
import Graphs

/// Uniform gradient sampling (Li and Janson 2024, arXiv:2409.09951): a gate is open with probability
/// p = sigmoid(log-odds), but near the border, in a window of width w = p (1 - p), it is drawn evenly
/// between 0 and 1: with noise v, M = 1 - clip((v - p) / w + 1/2, 0, 1). The mean gradient at such
/// draws is what opening the gate changes, so Adam descends
///
///     dL/d(log-odds) ≈ p (1 - p) (mean of dL/dM over pairs with 0 < M < 1, + lambda)
///
/// As in the authors' published code: a draw for each pair, log-odds that start at 1, and a price of
/// lambda for each expected edge. Their clipping of gradients and their extra price of nodes are left
/// out.
package struct UniformGradientSampling: MaskLearningMethod {
    package static let name = "uniform-gradient-sampling"
    package static var parameters: [MethodParameter<Self>] {
        learningParameters + [MethodParameter(.lambda, \.lambda)]
    }

    package var learning = MaskLearning()
    /// The price of each edge.
    package var lambda = 1e-3

    package init() {}

    package func checkParameters() throws(Failure) {
        try learning.check()
        try MaskLearning.checkPrice(lambda)
    }

    package func training(on experiment: Experiment) -> Training {
        Training(
            edges: experiment.graph.edgeCount, lambda: lambda, learningRate: learning.rate)
    }

    /// The gates, step by step.
    package struct Training: MaskTraining {
        package private(set) var logOdds: [Double]
        private let lambda: Double
        private var optimiser: Adam

        package init(edges: Int, lambda: Double, learningRate: Double) {
            logOdds = Array(repeating: 1, count: edges)
            self.lambda = lambda
            optimiser = Adam(edges, learningRate: learningRate, decayOfSquare: 0.995)
        }

        package mutating func step(
            _ evaluator: MaskedEvaluator, noise: @escaping @Sendable (Int) -> [Double]
        ) -> (loss: Double, openShare: Double) {
            let probabilities = logOdds.map(HardConcreteGate.sigmoid)
            let masks = EdgeMasks.ofPairs { pair, mask in
                for (edge, noise) in noise(pair).enumerated() {
                    mask[edge] = Self.gate(probabilities[edge], noise: noise)
                }
            }
            var sums = [Double](repeating: 0, count: logOdds.count)
            var counts = [Int](repeating: 0, count: logOdds.count)
            let result = evaluator.evaluate(masks, gradients: .masks) { part in
                for edge in sums.indices where part.mask[edge] > 0 && part.mask[edge] < 1 {
                    sums[edge] += Double(part.gradient[edge])
                    counts[edge] += 1
                }
            }
            let slopes = logOdds.indices.map { edge in
                let p = probabilities[edge]
                return p * (1 - p) * (sums[edge] / Double(max(1, counts[edge])) + lambda)
            }
            optimiser.step(&logOdds, against: slopes)
            let openShare = probabilities.reduce(0, +) / Double(max(1, probabilities.count))
            return (result.loss, openShare)
        }

        /// The gate: noise below the window around the probability opens it, above closes it.
        private static func gate(_ probability: Double, noise: Double) -> Float {
            let window = probability * (1 - probability)
            guard window > 0 else { return probability > 0.5 ? 1 : 0 }
            return Float(1 - min(max((noise - probability) / window + 0.5, 0), 1))
        }
    }
}
