import CircuitRuns
import Engine
import Graphs

extension AttributionScorer {
    /// Scores by a method that learns masks: the chance of each edge's mask in the end, sigmoid of its
    /// log-odds, as MIB takes them. So edges by score and by size of score come in one order.
    func learnedScores(
        by method: AttributionMethod, _ report: (MaskTrainingStep) -> Void
    ) -> AttributionScores {
        let chosen = options.training
        let edges = graph.edgeCount
        let steps = chosen.steps ?? 200
        let rate = chosen.learningRate ?? 0.1
        var training: any MaskTraining
        switch method {
        case .edgePruning:
            training = EdgePruning(
                edges: edges, targetSparsity: chosen.targetSparsity ?? 0.98, steps: steps,
                learningRate: rate)
        case .uniformGradientSampling:
            training = UniformGradientSampling(
                edges: edges, penalty: chosen.penalty ?? 1e-3,
                learningRate: rate)
        default:
            training = SubnetworkProbing(
                edges: edges, penalty: chosen.penalty ?? usualPenalty,
                learningRate: rate)
        }
        let losses = training.run(
            steps: steps, maskedEvaluator(), seed: options.seed, report)
        return AttributionScores(
            mean: training.logOdds.map { Float(HardConcreteGate.sigmoid($0)) }, perPair: nil,
            losses: losses)
    }

    /// Twice the loss of cutting all edges, as the price of all edges: a price far above what a
    /// metric can lose closes them all, and one far below it none.
    private var usualPenalty: Double {
        let (full, ablated) = losses
        return 2 * abs(ablated - full)
    }
}
