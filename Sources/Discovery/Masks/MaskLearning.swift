import Basics
import CircuitRuns
import Engine
package import Experiments
import Graphs

/// How masks are learnt by gradient descent, whatever the method.
package struct MaskLearning: Hashable, Sendable {
    /// Steps of the optimiser.
    package var steps = 200
    /// The learning rate of the log-odds.
    package var rate = 0.1
    /// Where the noise starts.
    package var seed: UInt64 = 0

    /// The usual values.
    package init() {}

    /// Refuses values that make no sense.
    /// - Throws: `Failure` (usage) that says what may be given.
    func check() throws(Failure) {
        guard (1...1_000_000).contains(steps) else {
            throw Failure(
                .usage, "the number of optimisation steps must be from 1 to 1000000, not \(steps)")
        }
        guard rate > 0, rate.isFinite else {
            throw Failure(.usage, "the learning rate must be above 0, not \(rate)")
        }
    }

    /// Refuses a price of edges that makes no sense.
    /// - Throws: `Failure` (usage).
    static func checkPrice(_ price: Double) throws(Failure) {
        guard price >= 0, price.isFinite else {
            throw Failure(.usage, "lambda can't be negative, as \(price) is")
        }
    }
}

extension ParameterName<Int> {
    /// Steps of learning masks.
    package static var optimizationSteps: Self { Self("optimization-steps") }
}

extension ParameterName<Double> {
    /// The learning rate of the masks' log-odds.
    package static var learningRate: Self { Self("learning-rate") }
    /// The price of edges.
    package static var lambda: Self { Self("lambda") }
}

/// A method that learns masks over edges and scores an edge by the probability of its mask in the end,
/// sigmoid(log-odds), as MIB takes them. So edges by score and by size of score come in one order.
package protocol MaskLearningMethod: ScoringMethod {
    associatedtype Training: MaskTraining

    /// How masks are learnt.
    var learning: MaskLearning { get set }

    /// The masks before the first step.
    func training(on experiment: Experiment) -> Training
}

extension MaskLearningMethod {
    package static var meaning: ScoreMeaning { .maskProbability }
    package static var needsGradient: Bool { true }
    package static var reasonAgainstPairScores: String? { "\(name) learns from all pairs" }
    package static var progressUnit: String { "steps" }

    /// The parameters of all methods that learn masks.
    static var learningParameters: [MethodParameter<Self>] {
        [
            MethodParameter(.optimizationSteps, \.learning.steps),
            MethodParameter(.learningRate, \.learning.rate),
            MethodParameter(.seed, \.learning.seed),
        ]
    }

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) -> AttributionScores {
        var training = training(on: experiment)
        let losses = training.run(learning, on: MaskedEvaluator(experiment)) { step in
            progress(ScoringProgress(done: step.number, all: step.count, step: step))
        }
        return AttributionScores(
            mean: training.logOdds.map { Float(HardConcreteGate.sigmoid($0)) },
            losses: ReferenceLosses(of: experiment), trainingLosses: losses)
    }
}
