package import CircuitRuns
import Engine

/// Uniform gradient sampling (Li and Janson 2024): a gate is open with probability p, but near the
/// border, with probability p (1 - p), it is drawn evenly between 0 and 1. The mean gradient at such
/// draws is what opening the gate changes, so it stands for the slope of the expected loss by p.
///
/// As in the authors' published code: a draw for each pair, the mean over those in which the gate
/// was between 0 and 1, log-odds that start at 1, and a price of lambda for each expected edge.
/// Their clipping of gradients and their extra price of nodes are left out.
package struct UniformGradientSampling: MaskTraining {
    package private(set) var logOdds: [Double]
    private let penalty: Double
    private var optimiser: Adam

    package init(edges: Int, penalty: Double, learningRate: Double) {
        logOdds = Array(repeating: 1, count: edges)
        self.penalty = penalty
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
            return p * (1 - p) * (sums[edge] / Double(max(1, counts[edge])) + penalty)
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
