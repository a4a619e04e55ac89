package import Artifacts
package import Basics
package import CircuitRuns
package import Engine
package import Experiments
package import Graphs
import Models
package import Tasks

/// Scores the edges of a model's graph on pairs of prompts.
///
/// Scores are products of what a cut puts into the stream (ablated minus clean output of the sender)
/// with gradients at the receivers' inputs, taken as matrix products layer by layer. Pairs are
/// scored one by one and the mean over them is taken once, so no score depends on how pairs are
/// batched. Memory is bounded by the few pairs that are at work.
package struct AttributionScorer: Sendable {
    /// How edges are scored.
    package struct Options: Sendable {
        /// Steps of the integrated methods.
        package var steps: Int
        /// Where random scores and draws of masks start.
        package var seed: UInt64
        /// Where mask gradients are taken, `[edge]`; nil is the full model.
        package var circuit: [Bool]?
        /// Which edges `exact` scores, `[edge]`; nil is all. The others have no score, NaN.
        package var scoredEdges: [Bool]?
        /// How masks are learnt.
        package var training: MaskTrainingOptions

        /// Options; by default 5 steps.
        package init(
            steps: Int = 5, seed: UInt64 = 0, circuit: [Bool]? = nil,
            scoredEdges: [Bool]? = nil,
            training: MaskTrainingOptions = MaskTrainingOptions()
        ) {
            self.steps = steps
            self.seed = seed
            self.circuit = circuit
            self.scoredEdges = scoredEdges
            self.training = training
        }
    }

    /// The model, the pairs, the metric and the ablation.
    package let experiment: Experiment
    /// How edges are scored.
    package let options: Options
    /// The run that is left to the method, if one is, and the normalised final stream at the ends of
    /// its prompts, `[pair, d_model]`, which the method writes.
    let leftRun: (run: ActivationRun, ends: FloatBuffer)?

    package var graph: ComputationalGraph { experiment.graph }
    var transformer: Transformer { experiment.transformer }
    var metric: MetricEvaluator { experiment.metric }
    var activations: PairActivations { experiment.activations }
    var ablated: SenderOutputs { experiment.ablated }
    var clean: SenderOutputs { experiment.clean }
    var corrupted: SenderOutputs { experiment.corrupted }

    /// A scorer of an experiment's graph.
    /// - Throws: `Failure` where the number of steps makes no sense, or a circuit is of another graph.
    package init(_ experiment: Experiment, options: Options = Options()) throws(Failure) {
        guard (1...10_000).contains(options.steps) else {
            throw Failure(.usage, "steps must be from 1 to 10000, not \(options.steps)")
        }
        try options.training.validate()
        for edges in [options.circuit, options.scoredEdges] {
            if let edges, edges.count != experiment.graph.edgeCount {
                throw Failure(
                    .badData,
                    "the circuit has \(edges.count) edges, and the graph has "
                        + "\(experiment.graph.edgeCount): "
                        + "give a circuit of the same graph")
            }
        }
        self.experiment = experiment
        self.options = options
        leftRun = experiment.activations.leftRun.map {
            ($0, FloatBuffer(zeros: experiment.pairCount * experiment.graph.dModel))
        }
    }

    /// A scorer for one method, of pairs whose activations aren't known: of them it records what
    /// the method doesn't compute itself.
    /// - Throws: what the other initializer throws, and `Failure` when the model can't read the
    ///   prompts.
    package init(
        _ graph: ComputationalGraph, transformer: Transformer, metric: Metric,
        running dataset: DatasetArtifact, for method: AttributionMethod,
        ablation: Ablation = .resample, resolution: ScoreResolution = [],
        options: Options = Options()
    ) throws {
        let left: ActivationRun? =
            switch method.ownRun {
            case _ where resolution.contains(.neurons) || transformer.normalizesAttention: nil
            case .clean where !metric.readsFullModel: .clean
            case .corrupted where ablation == .resample: .corrupted
            default: nil
            }
        try self.init(
            Experiment(
                graph, transformer: transformer, metric: metric,
                activations: PairActivations(running: dataset, except: left, with: transformer),
                ablation: ablation),
            options: options)
    }

    /// The loss, the metric as minimised: of the full model on the clean prompts, and with every
    /// edge cut. Where a run is left to the method, only after that.
    var losses: (full: Double, ablated: Double) {
        func logits(of run: ActivationRun, known: () -> FloatBuffer) -> FloatBuffer {
            guard let leftRun, leftRun.run == run else { return known() }
            return transformer.unembed(
                normalized: leftRun.ends, rows: activations.dataset.pairCount)
        }
        let full = logits(of: .clean) { activations.cleanLogits }
        let ablated = logits(of: .corrupted) { self.ablated.logits(with: transformer) }
        return (
            metric.lossSign * metric.mean(logits: full),
            metric.lossSign * metric.mean(logits: ablated)
        )
    }

    /// Scores every edge.
    /// - Parameters:
    ///   - perPair: whether each pair's scores are kept.
    ///   - resolution: what scores are resolved by, besides edges.
    ///   - progress: is told now and then how many of all pairs (or receivers) are done.
    ///   - training: is told what each step of learning masks came to.
    /// - Throws: `Failure` where the method needs what the metric or the ablation doesn't have,
    ///   or its scores can't be resolved so; `Failure` when the model can't read the prompts.
    package func scores(
        by method: AttributionMethod, perPair: Bool = false, resolution: ScoreResolution = [],
        progress: (_ done: Int, _ all: Int) -> Void = { _, _ in },
        training: (MaskTrainingStep) -> Void = { _ in }
    ) throws -> AttributionScores {
        precondition(
            leftRun == nil
                || (leftRun?.run == method.ownRun && !resolution.contains(.neurons)),
            "the activations were recorded for another method or resolution")
        if method.needsGradient { try metric.metric.requireGradient() }
        try method.require(resolution, perPair: perPair)
        switch method {
        case .random: return randomScores()
        case .informationFlowRoutes:
            return collect(width: graph.edgeCount, perPair: perPair, progress) {
                pairs, scores, workspace in
                addFlowRoutes(of: pairs, to: scores, workspace: workspace)
            }
        case .exact: return exactScores(perPair: perPair, progress)
        case .maskGradient: return maskGradientScores(perPair: perPair)
        case .subnetworkProbing, .edgePruning, .uniformGradientSampling:
            guard !perPair else {
                throw Failure(
                    .usage, "\(method.rawValue) learns from all pairs: there are no scores per pair"
                )
            }
            return learnedScores(by: method, training)
        case .hisp:
            guard !perPair else {
                throw Failure(.usage, "hisp is a sum over pairs: there are no scores per pair")
            }
            return try headImportance(progress)
        case .atpStar:
            guard !perPair else {
                throw Failure(
                    .usage, "atp-star scores nodes by their mean: there are no scores per pair")
            }
            return try atpStar(progress)
        case .eap, .eapIGInputs, .eapIGActivations, .cleanCorrupted:
            return try gradientScores(
                by: method, perPair: perPair, resolution: resolution, progress)
        }
    }

    private func randomScores() -> AttributionScores {
        var generator = SplitMix64(seed: options.seed)
        let scores = (0..<graph.edgeCount).map { _ in Float.random(in: -1..<1, using: &generator) }
        return AttributionScores(mean: scores, perPair: nil)
    }
}
