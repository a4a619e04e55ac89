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

extension CircuitEval {
    /// Judges the subject by all that was asked for.
    func evaluate(
        _ subject: Subject, against truth: KnownTruth?
    ) throws -> (EvaluationArtifact, Provenance) {
        var evaluation = EvaluationArtifact(
            model: subject.model, subject: subject.reference, truth: truth?.reference,
            metric: metric ?? subject.metric, ablation: ablation ?? subject.ablation, figures: [])
        var inputs = [subject.input]
        var chains = [subject.provenance]
        if let circuit = subject.circuit { evaluation.addSize(of: circuit) }
        if let truth {
            try evaluation.addTruth(
                truth.circuit,
                for: subject.scores ?? subject.circuit?.thresholdScores ?? [],
                perPair: subject.perPair, in: subject.graph, bootstrap: resampling)
            if let circuit = subject.circuit {
                evaluation.addOverlap(of: circuit.inCircuit, with: truth.circuit.inCircuit)
            }
            inputs.append(truth.input)
            chains.append(truth.provenance)
        }
        guard let pairs else {
            return (
                evaluation,
                try .appending(
                    .thisRun(inputs: inputs, seed: Int(truncatingIfNeeded: seed.seed)), to: chains)
            )
        }
        let given = try PairInput(ArtifactFile(pairs))
        let modelDigest = try run(subject, on: given, into: &evaluation)
        return (
            evaluation,
            try .appending(
                .thisRun(
                    inputs: inputs + given.inputs, modelDigest: modelDigest,
                    seed: Int(truncatingIfNeeded: seed.seed), dtype: "float32",
                    blasKernel: BLAS.kernel, threads: threads.count),
                to: chains + [given.provenance])
        )
    }

    /// Runs circuits on pairs.
    /// - Returns: the model's digest.
    private func run(
        _ subject: Subject, on pairs: PairInput, into evaluation: inout EvaluationArtifact
    ) throws -> String {
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        if let output { try ArtifactOutput(output).check(keeps: [source.path]) }
        let graph = try graph(of: subject, in: source)
        guard !evaluation.metric.isEmpty else {
            throw Failure(
                .usage, "\(subject.name) has no metric to judge by; give one with --metric")
        }
        let metric = try Metric(named: evaluation.metric)
        let ablation = try Ablation(named: evaluation.ablation)
        try optimal.validate(with: ablation)
        let optimal = optimal.following(subject.provenance)
        if subject.datasetDigest.map({ $0 != pairs.datasetDigest }) ?? false {
            verbosity.note("\(subject.name) was made from other pairs than it is judged on")
        }
        let transformer = try Transformer(source.load(), pool: WorkerPool(threads: threads.count))
        let activations = try optimal.fit(
            ablation, of: graph, to: pairs.activations(with: transformer, for: metric),
            with: transformer, verbosity: verbosity)
        let experiment = try Experiment(
            graph, transformer: transformer, metric: metric, activations: activations,
            ablation: ablation)
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
        try judgeEverything(
            of: subject, neurons, judge,
            GraphTopology(subject.graph, isCausal: source.configuration.isCausal),
            into: &evaluation)
        meter.finish()
        verbosity.detail(
            "\(evaluated) circuits on \(pairs.dataset.pairCount) pairs in "
                + "\((ContinuousClock.now - start) / .seconds(1)) s, \(BLAS.kernel) kernels")
        evaluation.model = pairs.dataset.model
        evaluation.datasetDigest = pairs.datasetDigest
        return try source.digest()
    }

    private func judgeEverything(
        of subject: Subject, _ neurons: NeuronMasks?, _ judge: CircuitJudge,
        _ topology: GraphTopology, into evaluation: inout EvaluationArtifact
    ) throws {
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
        if let inCircuit = subject.circuit?.inCircuit {
            evaluation.addFaithfulness(of: inCircuit, neurons: neurons, judge: judge)
            evaluation.addRandomCircuits(
                like: inCircuit, count: random, seed: randomSeed, topology: topology, judge: judge)
            evaluation.addCompleteness(
                of: inCircuit,
                under: Knockouts(knockout, count: completeness, seed: knockoutSeed), judge: judge)
            if minimality { evaluation.addMinimality(of: inCircuit, judge: judge) }
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
                evaluation.addSizes(try sizes, ofCircuits: circuits, judge: judge)
            } else {
                evaluation.addSizes(try sizes, of: scores, topology: topology, judge: judge)
            }
            evaluation.addRandomSizes(
                try sizes, count: random, seed: randomSeed, topology: topology, judge: judge)
        }
    }

    /// Says in errors whose data don't fit the model.
    private func naming<Value>(_ subject: Subject, _ body: () throws -> Value) throws -> Value {
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
        if let theirs = subject.model, try theirs.digest != source.digest() {
            throw Failure(
                .badData,
                "\(subject.name) is of the model \(theirs.name), digest \(theirs.digest.prefix(16))"
                    + "..., and the pairs are of \(source.name): give pairs of that model")
        }
        return ComputationalGraph(
            source.configuration, ungroupedKeyValue: subject.graph.ungroupedKeyValue)
    }
}
