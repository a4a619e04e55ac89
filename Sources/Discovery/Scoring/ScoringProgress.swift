package import CircuitRuns

/// How far a method is.
package struct ScoringProgress: Sendable {
    /// Is told how far a method is.
    package typealias Receiver = (ScoringProgress) -> Void

    /// How many pairs, receivers or steps are done: see `ScoringMethod.progressUnit`.
    package let done: Int
    /// How many there are.
    package let all: Int
    /// The last step, of methods that learn masks.
    package var step: MaskTrainingStep?
}
