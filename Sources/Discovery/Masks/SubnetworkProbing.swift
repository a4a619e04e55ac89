package import CircuitRuns
import Engine
import Foundation

/// Subnetwork probing (Cao et al. 2021) over edges, with the choices of ACDC's comparison: hard
/// concrete gates that start at 0.9, one draw for all pairs a step, and a price of lambda times the
/// expected share of open gates.
package struct SubnetworkProbing: MaskTraining {
    package private(set) var logOdds: [Double]
    private let penalty: Double
    private var optimiser: Adam

    package init(edges: Int, penalty: Double, learningRate: Double) {
        // A gate of 0.9, before it is stretched.
        let (low, high) = HardConcreteGate.stretch
        let share = (0.9 - low) / (high - low)
        logOdds = Array(repeating: log(share / (1 - share)), count: edges)
        self.penalty = penalty
        optimiser = Adam(edges, learningRate: learningRate)
    }

    package mutating func step(
        _ evaluator: MaskedEvaluator, noise: @escaping @Sendable (Int) -> [Double]
    ) -> (loss: Double, openShare: Double) {
        let draw = GateDraw(logOdds, noise: noise(0))
        let (result, gradient) = evaluator.maskGradient(draw.mask)
        let price = penalty / Double(logOdds.count)
        let slopes = logOdds.indices.map {
            gradient[$0] * draw.slopes[$0] + price * draw.openSlopes[$0]
        }
        optimiser.step(&logOdds, against: slopes)
        return (result.loss, draw.openShare)
    }
}
