package import Basics
package import CircuitRuns
import Engine
package import Experiments
import Graphs

/// Edge pruning (Bhaskar et al. 2024, arXiv:2406.16778): hard concrete gates M that start open, and a
/// Lagrangian that brings the expected sparsity to a target. With sparsity s = 1 - mean_e P(M_e ≠ 0)
/// and its target t, Adam minimises by the log-odds of the gates, and maximises by the multipliers,
///
///     L(M) + lambda_1 (s - t) + lambda_2 (s - t)²
///
/// The target rises evenly from 0 over the first three quarters of the steps.
///
/// Made for hundreds of steps instead of thousands: log-odds start at 2 instead of 10, which would
/// take all gates down together; multipliers learn 200 times as fast as gates, so that they get as
/// far; and the target stays for a quarter of the steps, not a sixth (500 of 3000 there), in which
/// the gates catch up with it. Only edges have gates here, not nodes besides.
package struct EdgePruning: MaskLearningMethod {
    package static let name = "edge-pruning"
    package static var parameters: [MethodParameter<Self>] {
        learningParameters + [MethodParameter(.targetSparsity, \.targetSparsity)]
    }

    package var learning = MaskLearning()
    /// The share of edges to cut, above 0 and below 1.
    package var targetSparsity = 0.98

    package init() {}

    package func checkParameters() throws(Failure) {
        try learning.check()
        guard targetSparsity > 0, targetSparsity < 1 else {
            throw Failure(
                .usage, "the target sparsity must be between 0 and 1, not \(targetSparsity)")
        }
    }

    package func training(on experiment: Experiment) -> Training {
        Training(
            edges: experiment.graph.edgeCount, targetSparsity: targetSparsity,
            steps: learning.steps, learningRate: learning.rate)
    }

    /// The gates and multipliers, step by step.
    package struct Training: MaskTraining {
        package private(set) var logOdds: [Double]
        private let targetSparsity: Double
        private let steps: Int
        private var stepsDone = 0
        /// The multipliers of the gap to the target and of its square.
        private var multipliers = [0.0, 0.0]
        private var optimiser: Adam
        private var multiplierOptimiser: Adam

        package init(edges: Int, targetSparsity: Double, steps: Int, learningRate: Double) {
            logOdds = Array(repeating: 2, count: edges)
            self.targetSparsity = targetSparsity
            self.steps = steps
            optimiser = Adam(edges, learningRate: learningRate)
            multiplierOptimiser = Adam(2, learningRate: 200 * learningRate)
        }

        package mutating func step(
            _ evaluator: MaskedEvaluator, noise: @escaping @Sendable (Int) -> [Double]
        ) -> (loss: Double, openShare: Double) {
            stepsDone += 1
            let rise = max(1, steps * 3 / 4)
            let target = targetSparsity * min(1, Double(stepsDone) / Double(rise))
            let draw = GateDraw(logOdds, noise: noise(0))
            let (result, gradient) = evaluator.maskGradient(draw.mask)
            let gap = 1 - draw.openShare - target
            // The slope by the sparsity, which falls by one edge's share where a gate opens.
            let price =
                -(multipliers[0] + 2 * multipliers[1] * gap) / Double(max(1, logOdds.count))
            let slopes = logOdds.indices.map {
                gradient[$0] * draw.slopes[$0] + price * draw.openSlopes[$0]
            }
            optimiser.step(&logOdds, against: slopes)
            multiplierOptimiser.step(&multipliers, against: [-gap, -gap * gap])
            return (result.loss, draw.openShare)
        }
    }
}

extension ParameterName<Double> {
    /// The share of edges to cut.
    package static var targetSparsity: Self { Self("target-sparsity") }
}
