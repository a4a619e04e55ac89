import Artifacts
import Basics
import Discovery
import Engine
import Experiments
import Graphs
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Pairs as input.
extension ScoreTool {
    /// What the options ask for.
    struct Request {
        var method: any ScoringMethod
        let level: GraphLevel
    }

    /// Scores the edges of the model that the pairs are of.
    func score(
        _ pairs: PairInput, at level: GraphLevel, _ destination: ArtifactOutput
    ) throws {
        var request = try request(at: level)
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        try destination.check(keeps: [source.path])
        let transformer = try threads.transformer(of: source)
        let graph = experiment.graph(of: source.configuration)
        let circuit = try circuit.map { try ChosenCircuit($0, of: graph, verbosity: verbosity) }
        request.method.set(.circuit, to: circuit?.inCircuit)
        try requireOnePairEach(of: pairs.dataset, by: experiment.metric)
        if positions { pairs.warnOfMovingPositions() }
        let start = ContinuousClock.now
        let scorer = try scorer(request, graph, transformer, pairs)
        let scores = try scores(by: scorer)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        verbosity.detail(
            "\(scores.mean.count { !$0.isNaN }) edges in \(seconds) s, \(BLAS.kernel) kernels")
        try pairs.requireUnchanged()
        let step = try ProvenanceStep.thisRun(
            inputs: pairs.inputs + (circuit.map { [$0.input] } ?? []), of: source,
            seed: recordedSeed(of: request), threads: threads)
        _ = try artifact(scores, of: scorer, pairs, at: level).write(
            to: destination, provenance: .appending(step, to: [pairs.provenance]))
    }

    /// What the options ask for, as far as they can be judged by themselves.
    private func request(at level: GraphLevel) throws -> Request {
        let type = try ScoringMethods.named(method)
        try experiment.requireUse()
        let method = try configured(type)
        warnOfZeroGradient(type, experiment.metric)
        if level != .edge {
            try type.requireAdditivity(for: "the level \(level.rawValue)")
        }
        return Request(method: method, level: level)
    }

    /// Refuses scores per pair where the metric makes several pairs of one.
    private func requireOnePairEach(of dataset: DatasetArtifact, by metric: Metric) throws {
        if perPair, try metric.pairs(of: dataset).pairCount != dataset.pairCount {
            let what =
                metric == .answerLogProbability
                ? "answers in several tokens" : "metrics that read several positions"
            throw Failure(.usage, "\(what) have no scores per pair: leave out --per-pair")
        }
    }

    /// The method on the activations of a cache, or on those of the model's own runs.
    private func scorer(
        _ request: Request, _ graph: ComputationalGraph, _ transformer: Transformer,
        _ pairs: PairInput
    ) throws -> AttributionScorer {
        let (metric, ablation) = (experiment.metric, experiment.ablation)
        let resolution = resolution(at: request.level)
        // Before the constants of an optimal ablation are fitted, which takes a minute.
        try AttributionScorer.check(
            request.method, resolution, on: graph, by: metric, ablation: ablation)
        if ablation != .optimal, let dataset = try pairs.unrecorded(for: metric) {
            return try AttributionScorer(
                graph, transformer: transformer, metric: metric, running: dataset,
                by: request.method, ablation: ablation, resolution: resolution)
        }
        return try AttributionScorer(
            experiment.open(pairs, with: transformer, verbosity: verbosity),
            by: request.method, resolution: resolution)
    }

    /// What is scored besides edges.
    private func resolution(at level: GraphLevel) -> ScoreResolution {
        var resolution: ScoreResolution = []
        if perPair { resolution.insert(.pairs) }
        if positions { resolution.insert(.positions) }
        if level == .neuron { resolution.insert(.neurons) }
        return resolution
    }

    /// Scores the edges, and shows the progress.
    private func scores(by scorer: AttributionScorer) throws -> AttributionScores {
        let meter = ProgressMeter(
            type(of: scorer.method).progressUnit, total: 0, verbosity: verbosity.level)
        let scores = try scorer.scores { progress in
            let step = progress.step
            meter.update(
                completed: progress.done, total: progress.all,
                note: step.map { "loss \($0.shortLoss)" })
            if let step, step.isWorthALine { verbosity.detail(step.line) }
        }
        meter.finish()
        return scores
    }

    /// The scores as they are stored, summed up to the level.
    private func artifact(
        _ scores: AttributionScores, of scorer: AttributionScorer, _ pairs: PairInput,
        at level: GraphLevel
    ) throws -> EdgeScoresArtifact {
        let artifact = EdgeScoresArtifact(
            scores, of: scorer, model: pairs.dataset.model, datasetDigest: pairs.datasetDigest,
            cacheDigest: pairs.cacheDigest)
        guard level == .layer || level == .head else { return artifact }
        return try artifact.projected(to: level, keepingPositions: positions)
    }

    /// The seed that provenance records: the method's, or that of optimal ablation.
    private func recordedSeed(of request: Request) -> Int? {
        request.method.value(of: .seed).map { Int(truncatingIfNeeded: $0) }
            ?? experiment.optimal.seed(for: experiment.ablation)
    }
}
