import ArgumentParser
import Discovery

/// How masks are learnt, for the methods that learn them.
struct TrainingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Steps of learning masks (default: \(MaskLearning().steps)).", valueName: "count"))
    var optimizationSteps: Int?

    @Option(
        help: ArgumentHelp(
            "Learning rate of the masks' log-odds (default: \(MaskLearning().rate)).",
            valueName: "rate"))
    var learningRate: Double?

    @Option(
        help: ArgumentHelp(
            "The price of edges: of all together (\(SubnetworkProbing.name), default: twice the loss "
                + "of cutting them all), or of each (\(UniformGradientSampling.name), default "
                + "\(UniformGradientSampling().lambda)).",
            valueName: "price"))
    var lambda: Double?

    @Option(
        help: ArgumentHelp(
            "The share of edges that \(EdgePruning.name) is to cut (default: "
                + "\(EdgePruning().targetSparsity)).",
            valueName: "share"))
    var targetSparsity: Double?
}
