import Basics
package import CircuitRuns
import Engine
import Graphs

/// Masks over edges that are learnt by gradient descent from random draws.
package protocol MaskTraining {
    /// The log-odds of each edge's gate, `[edge]`: what edges are scored by.
    var logOdds: [Double] { get }
    /// Draws masks with this noise, from 0 to 1, and makes a step.
    /// - Parameter noise: for a draw, the noise of each edge; a draw serves a pair, or all pairs.
    /// - Returns: the mean loss with the masks drawn, and the share of edges expected to be open.
    mutating func step(
        _ evaluator: MaskedEvaluator, noise: @escaping @Sendable (Int) -> [Double]
    ) -> (loss: Double, openShare: Double)
}

extension MaskTraining {
    /// Makes all steps.
    /// - Parameter report: is told of each step.
    /// - Returns: the mean loss step by step.
    mutating func run(
        _ learning: MaskLearning, on evaluator: MaskedEvaluator,
        _ report: (MaskTrainingStep) -> Void
    ) -> [Double] {
        let (count, seed) = (learning.steps, learning.seed)
        let edgeCount = evaluator.graph.edgeCount
        return (0..<count).map { step in
            let (loss, openShare) = self.step(evaluator) { draw in
                var generator = SplitMix64(seed: seed, branches: [step, draw])
                return (0..<edgeCount).map { _ in generator.nextUnit() }
            }
            report(
                MaskTrainingStep(number: step + 1, count: count, loss: loss, openShare: openShare))
            return loss
        }
    }
}
