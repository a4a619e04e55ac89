package import CircuitRuns
import Engine

/// Edge pruning (Bhaskar et al. 2024): hard concrete gates that start open, and a Lagrangian that
/// brings the expected sparsity to a target. The target rises evenly from 0 over the first three
/// quarters of the steps; the multipliers climb the gradient that the gates descend.
///
/// Made for hundreds of steps instead of thousands: log-odds start at 2 instead of 10, which would
/// take all gates down together; multipliers learn 200 times as fast as gates, so that they get as
/// far; and the target stands for a quarter of the steps, not a sixth (500 of 3000 there), in which
/// the gates catch up with it. Only edges have gates here, not nodes besides.
package struct EdgePruning: MaskTraining {
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
