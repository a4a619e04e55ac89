package import Artifacts
package import Basics
package import Engine
package import Experiments
package import Graphs
package import Tasks

/// A method together with what it scores: the experiment and the resolution. What the method can't
/// score is refused when this is made, as a rule before the model runs on a prompt.
package struct AttributionScorer: Sendable {
    /// How edges are scored.
    package let method: any ScoringMethod
    /// The model, the pairs, the metric and the ablation.
    package let experiment: Experiment
    /// What is scored besides edges.
    package let resolution: ScoreResolution

    /// The graph whose edges are scored.
    package var graph: ComputationalGraph { experiment.graph }

    /// A scorer of pairs whose activations are known.
    /// - Throws: `Failure` where the method's parameters make no sense, or it needs what the metric
    ///   or the graph doesn't have, or it has no such resolution.
    package init(
        _ experiment: Experiment, by method: any ScoringMethod, resolution: ScoreResolution = []
    ) throws(Failure) {
        precondition(
            experiment.activations.unrecordedRun == nil, "the activations of a run are missing")
        try Self.check(
            method, resolution, on: experiment.graph, by: experiment.metric.metric,
            ablation: experiment.ablation)
        self.init(method: method, experiment: experiment, resolution: resolution)
    }

    /// A scorer of pairs whose activations aren't known: it runs the model for what the method
    /// doesn't compute itself.
    /// - Throws: what the other initializer throws, and `Failure` when the model can't read the
    ///   prompts.
    package init(
        _ graph: ComputationalGraph, transformer: Transformer, metric: Metric,
        running dataset: DatasetArtifact, by method: any ScoringMethod,
        ablation: Ablation = .resample, resolution: ScoreResolution = []
    ) throws {
        try Self.check(method, resolution, on: graph, by: metric, ablation: ablation)
        // The slopes of norms after attention, and neurons, need the run before the first pass.
        let needsRecord = resolution.contains(.neurons) || transformer.normalizesAttention
        let unrecorded: ActivationRun? =
            switch type(of: method).runOfFirstPass {
            case _ where needsRecord: nil
            case .clean where !metric.readsFullModel: .clean
            case .corrupted where ablation == .resample: .corrupted
            default: nil
            }
        let activations = try PairActivations(
            running: dataset, except: unrecorded, with: transformer)
        try self.init(
            method: method,
            experiment: Experiment(
                graph, transformer: transformer, metric: metric, activations: activations,
                ablation: ablation),
            resolution: resolution)
    }

    private init(method: any ScoringMethod, experiment: Experiment, resolution: ScoreResolution) {
        self.method = method
        self.experiment = experiment
        self.resolution = resolution
    }

    /// Refuses what a method can't score, from what is known before any model runs.
    /// - Throws: `Failure` that says what to use instead.
    package static func check(
        _ method: any ScoringMethod, _ resolution: ScoreResolution, on graph: ComputationalGraph,
        by metric: Metric, ablation: Ablation
    ) throws(Failure) {
        let type = type(of: method)
        try method.checkParameters()
        try method.checkFit(to: graph)
        try method.check(ablation)
        if type.needsGradient { try metric.requireGradient() }
        try type.requirePairs(of: metric)
        try type.require(resolution)
    }

    /// Scores every edge.
    /// - Parameter progress: is told now and then how far the method is.
    /// - Throws: `Failure` where the method can't score what the experiment has.
    package func scores(
        progress: ScoringProgress.Receiver = { _ in }
    ) throws -> AttributionScores {
        try method.scores(of: experiment, resolution: resolution, progress: progress)
    }
}
