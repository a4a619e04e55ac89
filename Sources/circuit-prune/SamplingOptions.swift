import ArgumentParser
import Discovery

/// Whether few pairs decide about an edge where they leave little doubt.
struct SamplingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Begin each test with this many pairs and take more only while they leave a doubt.",
            discussion: """
                A sequential test: the sample doubles until the mean effect lies on one side of the \
                threshold at the given error rate. One early decision in 64 is made from all pairs \
                too, and the share that agrees is said. By default every test takes all pairs.
                """, valueName: "pairs"))
    var pairsPerTest: Int?

    @Option(
        help: """
            How often a decision from few pairs may differ from that of all. Default: \
            \(PairSampling.usualErrorRate).
            """)
    var errorRate: Double?

    func validate() throws {
        if let pairsPerTest, pairsPerTest < 2 {
            throw ValidationError("--pairs-per-test must be 2 or more: one pair shows no spread")
        }
        if let errorRate {
            guard pairsPerTest != nil else {
                throw ValidationError("--error-rate goes with --pairs-per-test")
            }
            guard errorRate > 0, errorRate < 0.5 else {
                throw ValidationError("--error-rate must lie between 0 and 0.5")
            }
        }
    }

    /// What was asked for; nil for exact tests.
    var value: PairSampling? {
        pairsPerTest.map {
            PairSampling(pairsPerTest: $0, errorRate: errorRate ?? PairSampling.usualErrorRate)
        }
    }
}
