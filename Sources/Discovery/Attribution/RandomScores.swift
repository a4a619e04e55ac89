import Basics
package import Experiments
import Graphs

/// Independent random numbers from -1 to 1, which other methods have to beat.
package struct RandomScores: ScoringMethod {
    package static let name = "random"
    package static let meaning = ScoreMeaning.nothing
    package static let readsPairs = false
    package static let reasonAgainstPairScores: String? = "random scores aren't of pairs"
    package static var parameters: [MethodParameter<Self>] { [MethodParameter(.seed, \.seed)] }

    /// Where the numbers start.
    package var seed: UInt64 = 0

    package init() {}

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) -> AttributionScores {
        var generator = SplitMix64(seed: seed)
        let scores = (0..<experiment.graph.edgeCount).map { _ in
            Float.random(in: -1..<1, using: &generator)
        }
        return AttributionScores(mean: scores, losses: ReferenceLosses(of: experiment))
    }
}
