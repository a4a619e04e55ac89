package import Artifacts
package import Basics
package import Experiments
package import Graphs
import Tasks

/// A method that scores the edges of a model's graph: its parameters with their defaults, what its
/// scores mean, and how they are computed.
///
/// A method is one file: a type that conforms to this protocol, listed in `ScoringMethods.all`. What
/// isn't said has the default below. Nothing else asks which method it has: callers go by these
/// properties.
package protocol ScoringMethod: Sendable {
    /// What it is called on the command line and in artifacts.
    static var name: String { get }
    /// What the size and the sign of its scores say.
    static var meaning: ScoreMeaning { get }
    /// Whether a score is a sum over positions and over what senders and receivers are made of, so
    /// that finer scores add up to coarser ones.
    static var isAdditive: Bool { get }
    /// Whether it needs the gradient of the metric.
    static var needsGradient: Bool { get }
    /// Whether it takes the gradient in the clean run of the full model only, where that of a distance
    /// from the full model is zero. (A method that is given a circuit takes it there instead.)
    static var usesCleanGradientOnly: Bool { get }
    /// Whether its scores depend on the pairs.
    static var readsPairs: Bool { get }
    /// Whether it adds up sizes of what single pairs say, or ignores the metric: then a pair can't be
    /// read at several positions one by one.
    static var needsWholePairs: Bool { get }
    /// Why it has no scores of single pairs; nil where it has.
    static var reasonAgainstPairScores: String? { get }
    /// The run of the model that its first pass over each pair is. Where the activations of that run
    /// aren't known, the method can take them from the pass (see `PairActivations.unrecordedRun`).
    static var runOfFirstPass: ActivationRun? { get }
    /// What its progress counts.
    static var progressUnit: String { get }
    /// The parameters that can be given by name.
    static var parameters: [MethodParameter<Self>] { get }

    /// The method with the default of every parameter.
    init()

    /// Refuses values of parameters that make no sense.
    /// - Throws: `Failure` (usage) that says what may be given.
    func checkParameters() throws(Failure)

    /// Refuses parameters that don't fit a graph.
    /// - Throws: `Failure`.
    func checkFit(to graph: ComputationalGraph) throws(Failure)

    /// Refuses what cut edges carry, where it can't score that.
    /// - Throws: `Failure` (usage) that says which ablation to use.
    func check(_ ablation: Ablation) throws(Failure)

    /// Scores every edge. `AttributionScorer` calls it once all else has been checked.
    /// - Parameters:
    ///   - resolution: what is scored besides edges.
    ///   - progress: is told now and then how far it is.
    /// - Throws: `Failure` where it can't score what the experiment has.
    func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores
}

/// What the size and the sign of a score say.
package enum ScoreMeaning: Hashable, Sendable {
    /// By how much cutting the edge raises the loss (the metric as minimised): positive where the
    /// edge helps.
    case effect
    /// How much the edge matters, without a sign.
    case importance
    /// The probability that the edge's learnt mask is open, from 0 to 1.
    case maskProbability
    /// Nothing.
    case nothing
}

extension ScoringMethod {
    package static var isAdditive: Bool { false }
    package static var needsGradient: Bool { false }
    package static var usesCleanGradientOnly: Bool { false }
    package static var readsPairs: Bool { true }
    package static var needsWholePairs: Bool { false }
    package static var reasonAgainstPairScores: String? { nil }
    package static var runOfFirstPass: ActivationRun? { nil }
    package static var progressUnit: String { "pairs" }
    package static var parameters: [MethodParameter<Self>] { [] }

    package func checkParameters() throws(Failure) {}
    package func checkFit(to graph: ComputationalGraph) throws(Failure) {}
    package func check(_ ablation: Ablation) throws(Failure) {}

    /// What it is called on the command line and in artifacts.
    package var name: String { Self.name }

    /// Refuses a metric that makes several pairs of one for their positions, where it can't have them.
    /// - Throws: `Failure` (usage).
    static func requirePairs(of metric: Metric) throws(Failure) {
        guard needsWholePairs, case .custom(let own) = metric, own.readsPositions else { return }
        throw Failure(
            .usage,
            "\(name) reads pairs at their ends alone, and the metric \(own.name) other positions; "
                + "choose one of "
                + ScoringMethods.names { !$0.needsWholePairs }.joined(separator: ", "))
    }

    /// Refuses what needs scores that add up.
    /// - Parameter purpose: what needs it.
    /// - Throws: `Failure` (usage).
    package static func requireAdditivity(for purpose: String) throws(Failure) {
        guard isAdditive else {
            throw Failure(
                .usage,
                "\(purpose) is for scores that add up over positions, inputs and neurons, and "
                    + "those by \(name) don't; choose one of "
                    + ScoringMethods.names { $0.isAdditive }.joined(separator: ", "))
        }
    }

    /// Refuses a resolution that the method doesn't have.
    /// - Throws: `Failure` (usage).
    static func require(_ resolution: ScoreResolution) throws(Failure) {
        if !resolution.isDisjoint(with: [.positions, .neurons]) {
            try requireAdditivity(for: "a resolution by position or neuron")
            guard !resolution.contains(.pairs) else {
                throw Failure(.usage, "scores in each pair are kept of whole edges only")
            }
        }
        if resolution.contains(.pairs), let reasonAgainstPairScores {
            throw Failure(.usage, "\(reasonAgainstPairScores): there are no scores per pair")
        }
    }
}
