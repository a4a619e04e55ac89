package import Basics
package import CircuitRuns
import Engine
package import Experiments
import Foundation
import Graphs

/// Subnetwork probing (Cao et al. 2021, arXiv:2104.03514) over edges, with the choices of ACDC's
/// comparison: hard concrete gates M that start at 0.9, one draw for all pairs a step, and a price of
/// lambda times the expected share of open gates. Adam minimises
///
///     L(M) + lambda / E · sum_e P(M_e ≠ 0)
///
/// by the log-odds of the gates.
package struct SubnetworkProbing: MaskLearningMethod {
    package static let name = "subnetwork-probing"
    package static var parameters: [MethodParameter<Self>] {
        learningParameters + [MethodParameter(.lambda, \.lambda)]
    }

    package var learning = MaskLearning()
    /// The price of all edges together; nil is twice the loss of cutting them all: a price far above
    /// what the metric can lose closes all gates, and one far below it none.
    package var lambda: Double?

    package init() {}

    package func checkParameters() throws(Failure) {
        try learning.check()
        if let lambda { try MaskLearning.checkPrice(lambda) }
    }

    package func training(on experiment: Experiment) -> Training {
        func twiceTheLossOfCuttingAll() -> Double {
            let losses = ReferenceLosses(of: experiment)
            return 2 * abs(losses.ablated - losses.full)
        }
        return Training(
            edges: experiment.graph.edgeCount, lambda: lambda ?? twiceTheLossOfCuttingAll(),
            learningRate: learning.rate)
    }

    /// The gates, step by step.
    package struct Training: MaskTraining {
        package private(set) var logOdds: [Double]
        private let lambda: Double
        private var optimiser: Adam

        package init(edges: Int, lambda: Double, learningRate: Double) {
            // A gate of 0.9, before it is stretched.
            let (low, high) = HardConcreteGate.stretch
            let share = (0.9 - low) / (high - low)
            logOdds = Array(repeating: log(share / (1 - share)), count: edges)
            self.lambda = lambda
            optimiser = Adam(edges, learningRate: learningRate)
        }

        package mutating func step(
            _ evaluator: MaskedEvaluator, noise: @escaping @Sendable (Int) -> [Double]
        ) -> (loss: Double, openShare: Double) {
            let draw = GateDraw(logOdds, noise: noise(0))
            let (result, gradient) = evaluator.maskGradient(draw.mask)
            let price = lambda / Double(logOdds.count)
            let slopes = logOdds.indices.map {
                gradient[$0] * draw.slopes[$0] + price * draw.openSlopes[$0]
            }
            optimiser.step(&logOdds, against: slopes)
            return (result.loss, draw.openShare)
        }
    }
}
