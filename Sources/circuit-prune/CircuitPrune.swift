import ArgumentParser
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

/// Finds a circuit: by ACDC, or from scores.
@main
struct CircuitPrune: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-prune",
        abstract:
            "Find the circuit of a behaviour: by ACDC, or from the scores of its edges.",
        discussion: """
            ACDC: edges are tested from the output backwards (Conmy et al. 2023). An edge is cut if the \
            metric, which is minimised (logit-diff and prob-diff are negated), rises by less than \
            the threshold. The input is an activation cache, or a dataset, whose activations are \
            then computed here. A run that is broken off goes on where it stood when it is started \
            again with the same output file.

            From scores (made by circuit-score): the best edges are taken, as many as --edges, \
            --percent, --budget or --threshold say; then what isn't joined to both the input and \
            the logits goes. Of equal scores the edge that is computed earlier is taken first. \
            --nodes and --neurons take the best of these instead, and all edges between them; the \
            input and the logits always belong to the circuit.
            """,
        examples: [
            "circuit-prune --threshold 0.02 --metric kl cache.h5 -o circuit.h5",
            "circuit-prune --threshold 0.1 --metric logit-diff --ungroup-kv cache.h5 -o c.h5",
            "circuit-pairs ioi --model smollm2 -n 32 | circuit-cache - | "
                + "circuit-prune --threshold 0.02 - | circuit-show -",
            "circuit-prune --edges 200 --absolute scores.h5 -o circuit.h5",
            "circuit-score cache.h5 | circuit-prune --percent 0.5 --greedy - | circuit-show -",
            "circuit-score --level neuron c.h5 | circuit-prune --neurons 500 --absolute - -o n.h5",
            "circuit-prune --known ioi -o ioi.h5",
            "circuit-prune --known truth.json --model fixtures/tracr/reverse -o truth.h5",
        ])

    @OptionGroup var input: InputArgument

    @Option(
        name: .shortAndLong, parsing: .unconditional,
        help: """
            Cut an edge if the metric rises by less than this; take one whose score is at least this.
            """)
    var threshold: Double?

    @Option(
        help: ArgumentHelp(
            "Several thresholds, sharing work: a list, LOW:HIGH:COUNT, or LOW:HIGH.",
            discussion: """
                LOW:HIGH:COUNT is spaced evenly on a logarithmic scale; LOW:HIGH is every threshold \
                of the range at which the circuit changes.
                """, valueName: "thresholds"))
    var thresholds: String?

    @Option(help: "Find the threshold whose circuit has this many edges; take the best so many.")
    var edges: Int?

    @Option(help: "Take the best edges, this many percent of all.")
    var percent: Double?

    @Option(help: "Take the best edges, as many as leave at most this many without loose ends.")
    var budget: Int?

    @Option(help: "Take the best nodes by their scores, this many, with all edges between them.")
    var nodes: Int?

    @Option(help: "Take the best neurons, this many, with all edges between their nodes.")
    var neurons: Int?

    @Flag(help: "Take edges by their scores from the logits backwards, not from the whole graph.")
    var greedy = false

    @Option(
        help: ArgumentHelp(
            "Write a known circuit: "
                + KnownCircuit.allCases.map(\.rawValue).joined(separator: ", ")
                + ", or with --model a JSON list of its edges.",
            discussion: "The list is {\"edges\": [\"input->m0\", ...]}.", valueName: "name|list"))
    var known: String?

    @Option(help: "The metric: \(Metric.listOfNames).")
    var metric = "kl"

    @Option(
        help: """
            What a cut edge carries: \(Ablation.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var ablation = "resample"

    @OptionGroup var optimal: OptimalAblationOptions

    @Option(
        help: ArgumentHelp(
            "The order of the tests: cli, library (the reference's presets), or shuffle:SEED.",
            discussion: "Several, parted by commas, also give the share of them that keep an edge.",
            valueName: "orders"))
    var order = "cli"

    @Flag(help: "Give each query head its own key and value inputs, as other tools do.")
    var ungroupKv = false

    @Flag(help: "Judge by the size of a change or score, not by its direction.")
    var absolute = false

    @Flag(help: "Test edges one at a time instead of in waves: the same circuit, slower.")
    var oneByOne = false

    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        let counts = [edges, budget, nodes, neurons]
        let sizes = [threshold, percent].count { $0 != nil } + counts.count { $0 != nil }
        guard sizes + (thresholds == nil ? 0 : 1) + (known == nil ? 0 : 1) == 1 else {
            throw ValidationError(
                "give one of --threshold, --thresholds, --edges, --percent, --budget, --nodes, "
                    + "--neurons and --known")
        }
        if let threshold, !threshold.isFinite {
            throw ValidationError("--threshold must be a finite number, not \(threshold)")
        }
        let names = ["edges", "budget", "nodes", "neurons"]
        for (name, count) in zip(names, counts) where count ?? 0 < 0 {
            throw ValidationError("--\(name) can't be negative")
        }
        if let percent, !(0...100).contains(percent) {
            throw ValidationError("--percent must be from 0 to 100, not \(percent)")
        }
        let orders = order.split(separator: ",")
        if orders.isEmpty {
            throw ValidationError("--order names no order; choose cli, library or shuffle:SEED")
        }
        if Set(orders).count < orders.count {
            throw ValidationError("--order '\(order)' names an order twice")
        }
        if order.contains(","), threshold == nil {
            throw ValidationError("several orders go with a single --threshold")
        }
        if sampling.pairsPerTest != nil, threshold == nil {
            throw ValidationError("--pairs-per-test goes with a single --threshold")
        }
    }

    func run() throws {
        if let known { return try write(known: known) }
        let file = try input.open()
        if file.header.kind == .edgeScores { return try prune(scoresIn: file) }
        try GivenOptions.ofThisRun.refuse(
            ["percent", "budget", "nodes", "neurons", "greedy"],
            because: "it is for scores of edges, and \(file.name) isn't edge-scores")
        try search(pairsIn: file)
    }

    /// Searches by ACDC.
    private func search(pairsIn file: ArtifactFile) throws {
        let orders = try order.split(separator: ",").map { try TraversalOrder(named: String($0)) }
        let choice = try thresholds.map(ThresholdChoice.init)
        let metric = try Metric(named: metric)
        let ablation = try Ablation(named: ablation)
        try optimal.validate(with: ablation)
        let pairs = try PairInput(file)
        let destination = try output.destination(keeping: input.input, model.model)
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        try destination.check(keeps: [source.path])
        let searches = try searches(orders, metric, ablation, pairs, source)
        let start = ContinuousClock.now
        // A wanted size is looked for from the side of the smaller circuits, which cost less.
        let firstThreshold = edges == nil ? nil : searches[0].experiment.effectOfAllEdges / 50
        var pruning = Pruning(
            searches: searches,
            journal: try journal(
                of: destination, pairs, modelDigest: source.digest(), startingAt: firstThreshold),
            verbosity: verbosity)
        if let edges, let firstThreshold {
            try pruning.run(edges: edges, from: firstThreshold)
        } else {
            try pruning.run(choice ?? .list([threshold].compactMap { $0 }))
        }
        pruning.report(in: ContinuousClock.now - start)

        let circuit = try pruning.artifact(
            model: pairs.dataset.model, datasetDigest: pairs.datasetDigest,
            cacheDigest: pairs.cacheDigest)
        let provenance = try Provenance.appending(
            .thisRun(
                inputs: pairs.inputs, modelDigest: source.digest(),
                seed: optimal.seed(for: ablation), dtype: "float32",
                blasKernel: BLAS.kernel, threads: threads.count),
            to: [pairs.provenance])
        _ = try circuit.write(to: destination, provenance: provenance)
        warnIfEmpty(circuit)
        pruning.removeJournal()
    }

    /// A search for each order. Activations that searches don't need are let go.
    private func searches(
        _ orders: [TraversalOrder], _ metric: Metric, _ ablation: Ablation, _ pairs: PairInput,
        _ source: ModelSource
    ) throws -> [ACDC] {
        let transformer = try Transformer(source.load(), pool: WorkerPool(threads: threads.count))
        let graph = ComputationalGraph(source.configuration, ungroupedKeyValue: ungroupKv)
        if let edges, edges > graph.edgeCount {
            throw Failure(.usage, "--edges \(edges): the graph has \(graph.edgeCount) edges")
        }
        let activations = try optimal.fit(
            ablation, of: graph, to: pairs.activations(with: transformer, for: metric),
            with: transformer, verbosity: verbosity)
        let experiment = try Experiment(
            graph, transformer: transformer, metric: metric, activations: activations,
            ablation: ablation)
        return orders.map { order in
            ACDC(
                experiment,
                options: ACDC.Options(
                    order: order, absolute: absolute, speculative: !oneByOne,
                    sampling: sampling.value))
        }
    }

    /// The journal beside the output file; none for standard output, a pipe or a device.
    private func journal(
        of destination: ArtifactOutput, _ pairs: PairInput, modelDigest: String,
        startingAt firstThreshold: Double?
    ) throws -> DecisionJournal? {
        if destination.isStream { return nil }
        let journal = try DecisionJournal(
            forOutput: output.output,
            inputsDigest: DecisionJournal.inputsDigest([
                ToolVersion.current, pairs.datasetDigest, pairs.cacheDigest ?? "", modelDigest,
                BLAS.kernel, metric, ablation, optimal.description, order,
                "\(ungroupKv) \(absolute) \(oneByOne)",
                (threshold ?? firstThreshold).map { "\($0)" } ?? "", thresholds ?? "",
                edges.map(String.init) ?? "",
                sampling.value.map { "\($0.pairsPerTest) \($0.errorRate)" } ?? "",
            ]))
        if !journal.resumed.isEmpty {
            verbosity.note("going on after \(journal.resumed.count) decisions of \(journal.path)")
        } else if journal.hasDiscarded {
            verbosity.note("\(journal.path) was of another search: starting from the beginning")
        }
        return journal
    }
}
