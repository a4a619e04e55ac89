package import Basics
package import CircuitRuns
import Engine
import Graphs

/// How masks are learnt; what isn't said is the method's own default.
package struct MaskTrainingOptions: Hashable, Sendable {
    /// Number of steps.
    package var steps: Int?
    /// The learning rate.
    package var learningRate: Double?
    /// The price of edges, lambda.
    package var penalty: Double?
    /// The share of edges that are to be cut.
    package var targetSparsity: Double?

    /// Options; by default the method's own.
    package init(
        steps: Int? = nil, learningRate: Double? = nil, penalty: Double? = nil,
        targetSparsity: Double? = nil
    ) {
        self.steps = steps
        self.learningRate = learningRate
        self.penalty = penalty
        self.targetSparsity = targetSparsity
    }

    /// Refuses what makes no sense.
    /// - Throws: `Failure` that says what may be given.
    package func validate() throws(Failure) {
        if let steps, !(1...1_000_000).contains(steps) {
            throw Failure(
                .usage, "the number of optimisation steps must be from 1 to 1000000, not \(steps)")
        }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw Failure(.usage, "the learning rate must be above 0, not \(learningRate)")
        }
        if let penalty, !(penalty >= 0 && penalty.isFinite) {
            throw Failure(.usage, "lambda can't be negative, as \(penalty) is")
        }
        if let targetSparsity, !(targetSparsity > 0 && targetSparsity < 1) {
            throw Failure(
                .usage, "the target sparsity must be between 0 and 1, not \(targetSparsity)")
        }
    }
}

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
    /// Makes `count` steps with noise from a seed.
    package mutating func run(
        steps count: Int, _ evaluator: MaskedEvaluator, seed: UInt64,
        _ report: (MaskTrainingStep) -> Void
    ) -> [Double] {
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
