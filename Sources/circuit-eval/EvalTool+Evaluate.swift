import Artifacts
import Basics
import CircuitRuns
import Engine
import Evaluation
import Experiments
import Graphs
import ModelToolSupport
import Models
import Tasks
import ToolSupport

extension EvalTool {
    /// Judges the subject by all that was asked for.
    func evaluate(
        _ subject: Subject, against truth: KnownTruth?
    ) throws -> (EvaluationArtifact, Provenance) {
        var evaluation = EvaluationArtifact(
            model: subject.model, subject: subject.reference, truth: truth?.reference,
            metric: metric?.name ?? subject.metric,
            ablation: ablation?.name ?? subject.ablation, figures: [])
        evaluation.subjectDatasetDigest = subject.datasetDigest
        var parts: [any EvaluationPart] = []
        var inputs = [subject.input]
        var chains = [subject.provenance]
        if let circuit = subject.circuit { parts.append(CircuitSize(of: circuit)) }
        if let truth {
            parts.append(
                try naming(subject) {
                    try AgreementWithTruth(
                        of: subject.scores ?? subject.circuit?.thresholdScores ?? [],
                        perPair: subject.perPair, in: subject.graph, with: truth.circuit,
                        bootstrap: resampling)
                })
            if let circuit = subject.circuit {
                parts.append(Overlap(of: circuit.inCircuit, with: truth.circuit.inCircuit))
            }
            inputs.append(truth.input)
            chains.append(truth.provenance)
        }
        guard let pairs else {
            for part in parts { part.store(in: &evaluation) }
            return (
                evaluation,
                try .appending(
                    .thisRun(inputs: inputs, seed: Int(truncatingIfNeeded: seed.seed)), to: chains)
            )
        }
        let given = try PairInput(ArtifactFile(pairs))
        let (source, found) = try run(subject, on: given, evaluation.metric, evaluation.ablation)
        try given.requireUnchanged()
        for part in parts + found { part.store(in: &evaluation) }
        evaluation.model = given.dataset.model
        evaluation.datasetDigest = given.datasetDigest
        try requireNumbers(in: evaluation)
        return (
            evaluation,
            try .appending(
                .thisRun(
                    inputs: inputs + given.inputs, of: source,
                    seed: Int(truncatingIfNeeded: seed.seed), threads: threads),
                to: chains + [given.provenance])
        )
    }

    /// Runs circuits on pairs.
    /// - Parameters:
    ///   - metric: the metric's name.
    ///   - ablation: the ablation's name.
    /// - Returns: the model, and all that was found.
    private func run(
        _ subject: Subject, on pairs: PairInput, _ metric: String, _ ablation: String
    ) throws -> (ModelSource, [any EvaluationPart]) {
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        if let output { try ArtifactOutput(output).check(keeps: [source.path]) }
        let graph = try graph(of: subject, in: source)
        guard !metric.isEmpty else {
            throw Failure(
                .usage, "\(subject.name) has no metric to judge by; give one with --metric")
        }
        let metric = try Metric(named: metric)
        let ablation = try Ablation(named: ablation)
        try optimal.validate(with: ablation)
        let optimal = optimal.following(subject.provenance)
        let experiment = try Experiment(
            pairs, graph: graph, transformer: threads.transformer(of: source), metric: metric,
            ablation: ablation, optimal: optimal, verbosity: verbosity)
        let start = ContinuousClock.now
        let judge = try naming(subject) {
            try CircuitJudge(experiment, of: subject.graph, bootstrap: resampling)
        }
        if judge.resampling.bootstrap == nil, resampling != nil {
            verbosity.note("one pair says nothing of others: no confidence intervals")
        }
        let meter = ProgressMeter("circuits", total: 0, verbosity: verbosity.level)
        var evaluated = 0
        judge.onEvaluation = {
            evaluated += 1
            meter.update(completed: evaluated)
        }
        let neurons = try naming(subject) {
            try subject.circuit?.neurons.map {
                try NeuronMasks($0, in: experiment)
            }
        }
        let parts = try judgeEverything(
            of: subject, neurons, judge,
            GraphTopology(subject.graph, isCausal: source.configuration.isCausal))
        meter.finish()
        verbosity.detail(
            "\(evaluated) circuits on \(pairs.dataset.pairCount) pairs in "
                + "\((ContinuousClock.now - start) / .seconds(1)) s, \(BLAS.kernel) kernels")
        return (source, parts)
    }

    private func judgeEverything(
        of subject: Subject, _ neurons: NeuronMasks?, _ judge: CircuitJudge,
        _ topology: GraphTopology
    ) throws -> [any EvaluationPart] {
        if subject.scores == nil {
            try GivenOptions.ofThisRun.refuse(
                ["percent", "greedy"],
                because: "\(subject.name) is one circuit, and sizes are of scores")
        } else if subject.circuit != nil {
            try GivenOptions.ofThisRun.refuse(
                ["greedy"], because: "\(subject.name) has circuits of its own, of a search")
        }
        if try subject.scores != nil && shares.count < 2 {
            verbosity.note("a single size has no area under it: CPR and CMD are left out")
        }
        // Random draws of different purposes start apart.
        let knockoutSeed = seed.seed &+ 1
        let randomSeed = seed.seed &+ 2
        if neurons != nil, minimality || completeness > 0 || random > 0 {
            throw Failure(
                .usage,
                "\(subject.name) is a circuit of single neurons, and --minimality, --completeness "
                    + "and --random are of whole edges: leave them out")
        }
        var parts: [any EvaluationPart] = [ReferenceValues(judge)]
        parts += try judgeRuns(of: subject, judge)
        if let inCircuit = subject.circuit?.inCircuit {
            parts.append(Faithfulness(of: inCircuit, neurons: neurons, judge: judge))
            if random > 0 {
                parts.append(
                    RandomCircuits(
                        like: inCircuit, count: random, seed: randomSeed, topology: topology,
                        judge: judge))
            }
            if completeness > 0 {
                parts.append(
                    Completeness(
                        of: inCircuit,
                        under: Knockouts(knockout, count: completeness, seed: knockoutSeed),
                        judge: judge))
            }
            if minimality { parts.append(Minimality(of: inCircuit, judge: judge)) }
        } else if minimality || completeness > 0 {
            throw Failure(
                .usage,
                "\(subject.name) has scores, and --minimality and --completeness are of a circuit; "
                    + "make one with circuit-prune")
        }
        if let scores = subject.scores {
            if subject.hasNeuronScores {
                verbosity.note(
                    "scores of neurons are judged by their edges; circuit-prune --neurons makes "
                        + "circuits of neurons")
            }
            if let circuits = subject.circuit?.runs.map(\.inCircuit) {
                parts.append(SizeCurves(try sizes, ofCircuits: circuits, judge: judge))
            } else {
                parts.append(SizeCurves(try sizes, of: scores, topology: topology, judge: judge))
            }
            if random > 0 {
                parts.append(
                    RandomSizeCurve(
                        try sizes, count: random, seed: randomSeed, topology: topology,
                        judge: judge))
            }
        }
        return parts
    }

    /// Says in errors whose data don't fit the model.
    func naming<Value>(_ subject: Subject, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as Failure where error.kind == .badData {
            throw Failure(.badData, "\(subject.name): \(error.description)")
        }
    }

    /// The graph of the model, which has to be that of the subject.
    private func graph(
        of subject: Subject, in source: ModelSource
    ) throws -> ComputationalGraph {
        try requireModel(source, of: subject)
        return ComputationalGraph(
            source.configuration, ungroupedKeyValue: subject.graph.ungroupedKeyValue)
    }

    /// Refuses a subject of another model than that of the pairs.
    func requireModel(_ source: ModelSource, of subject: Subject) throws {
        if let theirs = subject.model, try theirs.digest != source.digest() {
            throw Failure(
                .badData,
                "\(subject.name) is of the model \(theirs.name), digest \(theirs.digest.prefix(16))"
                    + "..., and the pairs are of \(source.name): give pairs of that model")
        }
    }
}
