import Artifacts
import Basics
import Discovery
import Engine
import Evaluation
import Experiments
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Judging circuits of features.
extension EvalTool {
    /// Judges a feature circuit: runs pairs with the features outside it ablated, with those of it, and
    /// with all.
    func evaluate(featureCircuitIn file: ArtifactFile) throws -> (EvaluationArtifact, Provenance) {
        try GivenOptions.ofThisRun.requireOnly(
            [
                "pairs", "transcoders", "metric", "ablation", "bootstrap", "confidence", "seed",
                "json", "top", "model", "threads",
            ], because: "\(file.name) is a circuit of features")
        guard let pairs else {
            throw Failure(.usage, "give the pairs to run it on with --pairs")
        }
        let circuit = try file.read(FeatureCircuitArtifact.self)
        let given = try PairInput(ArtifactFile(pairs), readsCache: false)
        let source = try model.source(of: given.dataset.model, namedBy: given.source)
        try requireSameModel(circuit, source)
        var options = transcoders
        // Where the set was when the graphs were traced.
        if options.transcoders == nil { options.transcoders = circuit.content.transcoders.path }
        if let output {
            try ArtifactOutput(output).check(keeps: [source.path, options.transcoders])
        }
        let set = try options.set(for: source)
        guard try set.digest() == circuit.content.transcoders.digest else {
            throw Failure(
                .badData,
                "\(set.path): these aren't the transcoders of \(circuit.source), "
                    + "\(circuit.content.transcoders.name), digest "
                    + "\(circuit.content.transcoders.digest.prefix(16))...; name those by --transcoders"
            )
        }
        let metric = metric ?? .logitDifference
        let ablation = ablation ?? .zero
        guard [.zero, .resample].contains(ablation) else {
            throw Failure(
                .usage,
                "features are ablated to zero or to their activation on the corrupted prompt "
                    + "(resample), not \(ablation.name)")
        }
        let dataset = try given.unrecorded(for: metric) ?? given.dataset
        let run = FeatureCircuitRun(
            circuit.content, set, dataset, threads: try threads.transformer(of: source),
            source: given.source)
        let meter = ProgressMeter(
            "prompts", total: 4 * dataset.pairCount, verbosity: verbosity.level)
        let values = try run.values(metric, ablation) { meter.advance(by: 1) }
        meter.finish()
        var evaluation = EvaluationArtifact(
            model: given.dataset.model, subject: circuit.reference, truth: nil, metric: metric.name,
            ablation: ablation.name, figures: [])
        evaluation.subjectDatasetDigest = circuit.content.datasetDigest
        evaluation.datasetDigest = given.datasetDigest
        FeatureCircuitFigures(
            featureCount: circuit.content.circuit.count, values, bootstrap: resampling
        ).store(in: &evaluation)
        if evaluation.bootstrap == nil, resampling != nil {
            verbosity.note("one pair says nothing of others: no confidence intervals")
        }
        try requireNumbers(in: evaluation)
        return (
            evaluation,
            try .appending(
                .thisRun(
                    inputs: [circuit.input("circuit"), set.input()] + given.inputs, of: source,
                    seed: Int(truncatingIfNeeded: seed.seed), threads: threads),
                to: [circuit.provenance, given.provenance])
        )
    }

    private func requireSameModel(
        _ circuit: Artifact<FeatureCircuitArtifact>, _ source: ModelSource
    ) throws {
        let theirs = circuit.content.model
        if try theirs.digest != source.digest() {
            throw Failure(
                .badData,
                "\(circuit.source) is of the model \(theirs.name), digest "
                    + "\(theirs.digest.prefix(16))..., and the pairs are of \(source.name): give pairs "
                    + "of that model")
        }
    }
}

/// A model on pairs, with features in and outside of a circuit ablated.
private struct FeatureCircuitRun {
    let dataset: DatasetArtifact
    let transformer: Transformer
    let ablation: FeatureAblation
    let inCircuit: [[Bool]]
    let source: String

    init(
        _ circuit: FeatureCircuitArtifact, _ set: TranscoderSet, _ dataset: DatasetArtifact,
        threads transformer: Transformer, source: String
    ) {
        self.dataset = dataset
        self.transformer = transformer
        self.source = source
        ablation = FeatureAblation(transformer, set)
        var inCircuit = set.layers.map { _ in [Bool](repeating: false, count: set.featureCount) }
        for feature in circuit.circuit { inCircuit[feature.layer][feature.index] = true }
        self.inCircuit = inCircuit
    }

    /// The metric of the full model, and of the three with features ablated.
    func values(
        _ metric: Metric, _ kind: Ablation, advance: () -> Void
    ) throws -> FeatureCircuitFigures.Values {
        let all = inCircuit.map { $0.map { _ in true } }
        let choices = [
            inCircuit.map { $0.map { _ in false } }, all, inCircuit.map { $0.map { !$0 } },
            inCircuit,
        ]
        let dVocab = transformer.configuration.dVocabOut
        let logits = choices.map { _ in FloatBuffer(count: dataset.pairCount * dVocab) }
        for pair in 0..<dataset.pairCount {
            let tokens = dataset.clean.ids[pair]
            let corrupted = dataset.corrupted.ids[pair]
            if kind == .resample, tokens.count != corrupted.count {
                throw Failure(
                    .badData,
                    "\(source): in pair \(pair) the clean and the corrupted prompt have different "
                        + "lengths, \(tokens.count) and \(corrupted.count) tokens; take --ablation zero"
                )
            }
            let other = try kind == .resample ? ablation.activations(of: corrupted) : nil
            for (choice, isAblated) in choices.enumerated() {
                let stream = try ablation.finalStream(
                    of: tokens, ablating: isAblated, to: other)
                let row = transformer.unembed(normalized: stream, rows: 1)
                (logits[choice].values + pair * dVocab).update(from: row.values, count: dVocab)
                advance()
            }
        }
        let bound = try BoundMetric(
            metric, dataset: dataset, transformer: transformer, cleanLogits: logits[0])
        let values = logits.map { bound.valuesOfAnswers(bound.values(logits: $0)) }
        return FeatureCircuitFigures.Values(
            full: values[0], ablated: values[1], circuit: values[2], complement: values[3])
    }
}
