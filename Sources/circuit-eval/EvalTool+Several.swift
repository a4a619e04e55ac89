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

/// Several files: one table of all circuits that they have, by the same pairs, metric and ablation.
extension EvalTool {
    /// Judges every circuit of the files: all runs of circuits, and of scores the circuits of every
    /// size.
    func compare(_ subjects: [Subject]) throws -> (EvaluationArtifact, Provenance) {
        try GivenOptions.ofThisRun.refuse(
            ["truth", "minimality", "completeness", "knockout", "random"],
            because: "of several files there is one table; it is for a file by itself")
        guard let pairs else {
            throw Failure(.usage, "give the pairs to run the circuits on with --pairs")
        }
        let given = try PairInput(ArtifactFile(pairs))
        let bench = try Bench(
            self, subjects, on: given,
            metric: common("metric", metric?.name, subjects.map(\.metric), subjects),
            ablation: common("ablation", ablation?.name, subjects.map(\.ablation), subjects))
        var evaluation = EvaluationArtifact(
            model: given.dataset.model, subject: nil, metric: bench.metric.name,
            ablation: bench.ablation.name, figures: [])
        evaluation.datasetDigest = given.datasetDigest
        let parts = try bench.judge(subjects)
        try given.requireUnchanged()
        for part in parts { part.store(in: &evaluation) }
        try requireNumbers(in: evaluation)
        return (
            evaluation,
            try .appending(
                .thisRun(
                    inputs: subjects.map(\.input) + given.inputs, of: bench.source,
                    seed: Int(truncatingIfNeeded: seed.seed), threads: threads),
                to: subjects.map(\.provenance) + [given.provenance])
        )
    }

    /// The name that the option or else all files say.
    private func common(
        _ option: String, _ given: String?, _ names: [String], _ subjects: [Subject]
    ) throws -> String {
        if let given { return given }
        let known = zip(names, subjects).filter { !$0.0.isEmpty }
        guard let first = known.first else {
            throw Failure(
                .usage,
                "\(subjects[0].name) has no \(option) to judge by; give one with --\(option)")
        }
        if let other = known.first(where: { $0.0 != first.0 }) {
            var (one, another) = (MetricName.label(of: first.0), MetricName.label(of: other.0))
            // Two metrics of users may have one name.
            if one == another { (one, another) = (first.0, other.0) }
            throw Failure(
                .usage,
                "\(first.1.name) was made by the \(option) \(one) and \(other.1.name) by "
                    + "\(another): say with --\(option) which one judges them all")
        }
        return first.0
    }

    /// Says that a single file with several runs has a row for each.
    func judgeRuns(
        of subject: Subject, _ judge: CircuitJudge
    ) throws -> [any EvaluationPart] {
        guard subject.circuits.count > 1 else { return [] }
        var table = JudgedCircuits(judge)
        for named in subject.circuits {
            table.add(named.row, inCircuit: named.circuit.inCircuit, judge: judge)
        }
        return [table]
    }

    /// Refuses an evaluation whose metric isn't a number somewhere: nothing follows from it.
    func requireNumbers(in evaluation: EvaluationArtifact) throws {
        let columns =
            evaluation.pairColumns.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            + evaluation.circuits.map { ($0.name, $0.values) }
        for (name, values) in columns {
            guard let pair = values.firstIndex(where: { !$0.isFinite }) else { continue }
            let whole = ["full": "the full model", "corrupted": "the ablated model"]
            throw Failure(
                .badData,
                "the metric \(evaluation.metric) of \(whole[name] ?? name) isn't a number in pair "
                    + "\(pair): the model's outputs overflow there")
        }
    }
}

/// The experiments that circuits of several files are judged in: one for each grouping of key-value
/// heads, and a judge for each graph.
private final class Bench {
    let source: ModelSource
    let metric: Metric
    let ablation: Ablation
    private let tool: EvalTool
    private let pairs: PairInput
    private let transformer: Transformer
    private let optimal: OptimalAblationOptions
    private var experiments: [Bool: Experiment] = [:]
    private var judges: [GraphTable: CircuitJudge] = [:]

    init(
        _ tool: EvalTool, _ subjects: [Subject], on pairs: PairInput, metric: String,
        ablation: String
    ) throws {
        self.tool = tool
        self.pairs = pairs
        source = try tool.model.source(of: pairs.dataset.model, namedBy: pairs.source)
        if let output = tool.output { try ArtifactOutput(output).check(keeps: [source.path]) }
        for subject in subjects { try tool.requireModel(source, of: subject) }
        self.metric = try Metric(named: metric)
        self.ablation = try Ablation(named: ablation)
        try tool.optimal.validate(with: self.ablation)
        optimal = tool.optimal.following(subjects[0].provenance)
        transformer = try tool.threads.transformer(of: source)
    }

    /// Judges all circuits of the files.
    func judge(_ subjects: [Subject]) throws -> [any EvaluationPart] {
        let judge = try judge(of: subjects[0])
        var table = JudgedCircuits(judge)
        let meter = ProgressMeter("circuits", total: 0, verbosity: tool.verbosity.level)
        var done = 0
        func add(
            _ row: EvaluationArtifact.Circuit, _ inCircuit: [Bool], _ neurons: NeuronMasks?,
            _ judge: CircuitJudge
        ) {
            table.add(row, inCircuit: inCircuit, neurons: neurons, judge: judge)
            done += 1
            meter.update(completed: done, note: row.name)
        }
        for subject in subjects {
            let judge = try self.judge(of: subject)
            for named in subject.circuits {
                let neurons = try named.circuit.neurons.map {
                    try NeuronMasks($0, in: experiment(of: subject))
                }
                add(named.row, named.circuit.inCircuit, neurons, judge)
            }
            guard subject.circuit == nil, let scores = subject.scores else { continue }
            let topology = try GraphTopology(
                subject.graph, isCausal: source.configuration.isCausal)
            for share in try tool.shares {
                let selected = EdgeSelection(
                    .share(share), greedy: tool.greedy, absolute: tool.absolute
                ).select(scores, in: topology)
                let row = EvaluationArtifact.Circuit(
                    file: subject.reference, share: share, method: subject.method,
                    order: tool.absolute ? "absolute" : "signed", level: subject.graph.level,
                    edgeCount: selected.edgeCount,
                    nodeCount: topology.nodes(of: selected.inCircuit).count { $0 },
                    datasetDigest: subject.datasetDigest)
                add(row, selected.inCircuit, nil, judge)
            }
        }
        meter.finish()
        return [ReferenceValues(judge), table]
    }

    private func judge(of subject: Subject) throws -> CircuitJudge {
        if let known = judges[subject.graph] { return known }
        let judge = try tool.naming(subject) {
            try CircuitJudge(
                experiment(of: subject), of: subject.graph, bootstrap: tool.resampling)
        }
        judges[subject.graph] = judge
        return judge
    }

    private func experiment(of subject: Subject) throws -> Experiment {
        let isUngrouped = subject.graph.ungroupedKeyValue
        if let known = experiments[isUngrouped] { return known }
        let experiment = try Experiment(
            pairs,
            graph: ComputationalGraph(source.configuration, ungroupedKeyValue: isUngrouped),
            transformer: transformer, metric: metric, ablation: ablation, optimal: optimal,
            verbosity: tool.verbosity)
        experiments[isUngrouped] = experiment
        return experiment
    }
}
