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
extension CircuitScore {
    /// Scores the edges of the model that the pairs are of.
    func score(
        _ pairs: PairInput, at level: GraphLevel, _ destination: ArtifactOutput
    ) throws {
        let type = try ScoringMethods.named(method)
        let metric = try Metric(named: metric)
        let ablation = try Ablation(named: ablation)
        try optimal.validate(with: ablation)
        var method = try configured(type)
        warnOfZeroGradient(type, metric)
        if level != .edge {
            try type.requireAdditivity(for: "the level \(level.rawValue)")
        }
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        try destination.check(keeps: [source.path])
        let transformer = try Transformer(source.load(), pool: WorkerPool(threads: threads.count))
        let graph = ComputationalGraph(source.configuration, ungroupedKeyValue: ungroupKv)
        let circuit = try circuit.map { try ChosenCircuit($0, of: graph) }
        method.set(.circuit, to: circuit?.inCircuit)
        if perPair, try metric.pairs(of: pairs.dataset).pairCount != pairs.dataset.pairCount {
            throw Failure(
                .usage, "answers in several tokens have no scores per pair: leave out --per-pair")
        }
        let start = ContinuousClock.now
        let scorer = try scorer(
            by: method, at: level, graph, transformer, metric, ablation, pairs)
        let scores = try scores(by: scorer)
        verbosity.detail(
            "\(scores.mean.count { !$0.isNaN }) edges in \((ContinuousClock.now - start) / .seconds(1)) s, "
                + "\(BLAS.kernel) kernels")
        var artifact = EdgeScoresArtifact(
            scores, of: scorer, model: pairs.dataset.model, datasetDigest: pairs.datasetDigest,
            cacheDigest: pairs.cacheDigest)
        if level == .layer || level == .head {
            artifact = try artifact.projected(to: level, keepingPositions: positions)
        }
        let step = try ProvenanceStep.thisRun(
            inputs: pairs.inputs + (circuit.map { [$0.input] } ?? []),
            modelDigest: source.digest(),
            seed: method.value(of: .seed).map { Int(truncatingIfNeeded: $0) }
                ?? optimal.seed(for: ablation),
            dtype: "float32", blasKernel: BLAS.kernel, threads: threads.count)
        _ = try artifact.write(
            to: destination, provenance: .appending(step, to: [pairs.provenance]))
    }

    /// The method at work: on the activations of a cache, or on those of the model's own runs.
    private func scorer(
        by method: any ScoringMethod, at level: GraphLevel, _ graph: ComputationalGraph,
        _ transformer: Transformer, _ metric: Metric, _ ablation: Ablation, _ pairs: PairInput
    ) throws -> AttributionScorer {
        if ablation != .optimal, let dataset = try pairs.unrecorded(for: metric) {
            return try AttributionScorer(
                graph, transformer: transformer, metric: metric, running: dataset, by: method,
                ablation: ablation, resolution: resolution(at: level))
        }
        let activations = try optimal.fit(
            ablation, of: graph, to: pairs.activations(with: transformer, for: metric),
            with: transformer, verbosity: verbosity)
        return try AttributionScorer(
            Experiment(
                graph, transformer: transformer, metric: metric, activations: activations,
                ablation: ablation),
            by: method, resolution: resolution(at: level))
    }

    /// Scores the edges and shows how far that is.
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
}
