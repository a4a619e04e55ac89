import ArgumentParser
import Discovery

/// How masks are learnt, for the methods that learn them.
struct TrainingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Steps of learning masks (default: 200).", valueName: "count"))
    var optimizationSteps: Int?

    @Option(
        help: ArgumentHelp(
            "Learning rate of the masks' log-odds (default: 0.1).", valueName: "rate"))
    var learningRate: Double?

    @Option(
        help: ArgumentHelp(
            "The price of edges: of all together (subnetwork-probing, default: twice the loss of "
                + "cutting them all), or of each (uniform-gradient-sampling, default 0.001).",
            valueName: "price"))
    var lambda: Double?

    @Option(
        help: ArgumentHelp(
            "The share of edges that edge-pruning is to cut (default: 0.98).", valueName: "share"))
    var targetSparsity: Double?

    /// The options, for a method that has them.
    func options(for method: AttributionMethod) throws -> MaskTrainingOptions {
        let learners = AttributionMethod.allCases.filter(\.learnsMasks)
        for (name, isGiven, takers) in [
            ("--optimization-steps", optimizationSteps != nil, learners),
            ("--learning-rate", learningRate != nil, learners),
            ("--lambda", lambda != nil, learners.filter(\.hasPenalty)),
            ("--target-sparsity", targetSparsity != nil, learners.filter(\.hasTargetSparsity)),
        ] where isGiven && !takers.contains(method) {
            throw ValidationError(
                "\(name) goes with \(takers.map(\.rawValue).joined(separator: ", ")), "
                    + "not with \(method.rawValue)")
        }
        let options = MaskTrainingOptions(
            steps: optimizationSteps, learningRate: learningRate, penalty: lambda,
            targetSparsity: targetSparsity)
        try options.validate()
        return options
    }
}
