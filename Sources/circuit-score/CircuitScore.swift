import ArgumentParser
import Artifacts
import Basics
import CircuitRuns
import Discovery
import Engine
import Experiments
import Graphs
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Scores every edge of a model's graph.
@main
struct CircuitScore: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-score",
        abstract: "Score every edge by how much the behaviour depends on it.",
        discussion: """
            A positive score marks an edge that helps: cutting it would worsen the metric by about \
            the score (hisp, atp-star and information-flow-routes have no sign). Scores are means over pairs. \
            Methods that learn masks (subnetwork-probing, edge-pruning, uniform-gradient-sampling) \
            score an edge by its mask's chance, from 0 to 1. \
            The input is an activation cache, or a dataset, \
            whose activations are then computed here. Scores as input are summed up to the level \
            that is asked for.
            """,
        examples: [
            "circuit-score --method eap --metric logit-diff cache.h5 -o scores.h5",
            "circuit-score --method eap-ig-inputs --steps 5 --metric kl cache.h5 -o scores.h5",
            "circuit-score --method edge-pruning --metric kl --target-sparsity 0.99 c.h5 -o s.h5",
            "circuit-pairs ioi --model smollm2 -n 16 | circuit-score - | circuit-show -",
            "circuit-score --method exact --receivers a29.h3,logits --metric kl cache.h5 -o some.h5",
            "circuit-score --method eap --level neuron --metric kl cache.h5 -o neurons.h5",
            "circuit-score --level layer scores.h5 | circuit-show -",
        ])

    @OptionGroup var input: InputArgument

    @Option(
        name: .shortAndLong,
        help: """
            How to score: \(AttributionMethod.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var method = AttributionMethod.eap.rawValue

    @Option(help: "Steps of the integrated methods.")
    var steps = 5

    @Option(help: "The metric: \(Metric.listOfNames).")
    var metric = Metric.logitDifference.rawValue

    @Option(
        help: """
            What a cut edge carries: \(Ablation.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var ablation = Ablation.resample.rawValue

    @Flag(help: "Give each query head its own key and value inputs, as other tools do.")
    var ungroupKv = false

    @Option(
        help: """
            The level of the graph: \(GraphLevel.listOfNames). Scores of layers and heads are sums of \
            their edges'.
            """)
    var level = GraphLevel.edge.rawValue

    @Flag(help: "Give each position scores of its own.")
    var positions = false

    @Flag(help: "Keep the scores in each pair besides their mean.")
    var perPair = false

    @Option(
        help: ArgumentHelp(
            "The circuit at which mask-gradient is taken (default: the full model), or whose "
                + "edges alone exact scores.",
            valueName: "path"),
        completion: .file(extensions: ["h5"]))
    var circuit: String?

    @Option(
        help: ArgumentHelp(
            "Of exact, score only edges into these: names such as m3, a3.h7<q>, a3.h7 (all its "
                + "inputs) or logits, separated by commas.",
            valueName: "names"))
    var receivers: String?

    @OptionGroup var optimal: OptimalAblationOptions
    @OptionGroup(title: "Learning masks") var training: TrainingOptions
    @OptionGroup var seed: SeedOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        guard (1...10_000).contains(steps) else {
            throw ValidationError("--steps must be from 1 to 10000, not \(steps)")
        }
        if perPair, method == AttributionMethod.random.rawValue {
            throw ValidationError("random scores aren't of pairs: leave out --per-pair")
        }
    }

    func run() throws {
        let level = try GraphLevel(named: level)
        let file = try input.open()
        let destination = try output.destination(keeping: input.input, circuit, model.model)
        if file.header.kind == .edgeScores {
            try project(file, to: level, destination)
        } else {
            try score(PairInput(file), at: level, destination)
        }
    }

    /// Sums scores up to a coarser level.
    private func project(
        _ file: ArtifactFile, to level: GraphLevel, _ destination: ArtifactOutput
    ) throws {
        try GivenOptions.ofThisRun.requireOnly(
            ["level", "positions"],
            because: "\(file.name) has scores, which are only summed up to a level")
        let scores = try file.read(EdgeScoresArtifact.self)
        if positions, scores.content.graph.level != "position" {
            throw Failure(
                .usage,
                "\(scores.source): its scores aren't by position; score the model with --positions")
        }
        try AttributionMethod(rawValue: scores.content.method)?
            .requireAdditivity(for: "the level \(level.rawValue)")
        let provenance = try Provenance.appending(
            .thisRun(inputs: [scores.input("scores")]), to: [scores.provenance])
        _ = try scores.content.projected(to: level, keepingPositions: positions)
            .write(to: destination, provenance: provenance)
    }

    /// The edges that alone are to be scored, `[edge]`; nil is all.
    private func scoredEdges(
        of graph: ComputationalGraph, in circuit: ChosenCircuit?
    ) throws -> [Bool]? {
        guard let receivers else { return circuit?.inCircuit }
        let chosen = try graph.receivers(
            named: receivers.split(separator: ",", omittingEmptySubsequences: false).map(
                String.init))
        return (0..<graph.edgeCount).map {
            chosen.contains(graph.receiver(ofEdge: $0)) && circuit?.inCircuit[$0] ?? true
        }
    }

    /// Scores the edges of the model that the pairs are of.
    private func score(
        _ pairs: PairInput, at level: GraphLevel, _ destination: ArtifactOutput
    ) throws {
        let method = try AttributionMethod(named: method)
        let metric = try Metric(named: metric)
        let ablation = try Ablation(named: ablation)
        try optimal.validate(with: ablation)
        let training = try training.options(for: method)
        if !method.isRandom {
            try GivenOptions.ofThisRun.refuse(
                ["seed"], because: "the method \(method.rawValue) draws no random numbers")
        }
        if method != .maskGradient, method != .exact {
            try GivenOptions.ofThisRun.refuse(
                ["circuit"],
                because: "it goes with mask-gradient and exact, not with \(method.rawValue)")
        }
        if method != .exact {
            try GivenOptions.ofThisRun.refuse(
                ["receivers"], because: "it goes with exact, not with \(method.rawValue)")
        }
        // A note only: scripts may give the steps whatever the method is.
        if !method.hasSteps, GivenOptions.ofThisRun.contains("steps") {
            verbosity.note("--steps has no use: \(method.rawValue) doesn't integrate")
        }
        if metric.isDistance, method.looksAtCleanRunOnly, circuit == nil {
            Console.warning(
                "the gradient of \(metric.rawValue) is zero on the clean run, the only one that "
                    + "\(method.rawValue) looks at, so all scores are zero but for rounding: take "
                    + "eap-ig-inputs")
        }
        var resolution: ScoreResolution = positions ? .positions : []
        if level == .neuron { resolution.insert(.neurons) }
        if level != .edge {
            try method.requireAdditivity(for: "the level \(level.rawValue)")
        }
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        try destination.check(keeps: [source.path])
        let transformer = try Transformer(source.load(), pool: WorkerPool(threads: threads.count))
        let graph = ComputationalGraph(source.configuration, ungroupedKeyValue: ungroupKv)
        let circuit = try circuit.map { try ChosenCircuit($0, of: graph) }
        if perPair, try metric.pairs(of: pairs.dataset).pairCount != pairs.dataset.pairCount {
            throw Failure(
                .usage, "answers in several tokens have no scores per pair: leave out --per-pair")
        }
        let start = ContinuousClock.now
        let options = try AttributionScorer.Options(
            steps: steps, seed: seed.seed,
            circuit: method == .maskGradient ? circuit?.inCircuit : nil,
            scoredEdges: method == .exact ? scoredEdges(of: graph, in: circuit) : nil,
            training: training)
        let scorer: AttributionScorer
        if ablation != .optimal, let dataset = try pairs.unrecorded(for: metric) {
            scorer = try AttributionScorer(
                graph, transformer: transformer, metric: metric, running: dataset, for: method,
                ablation: ablation, resolution: resolution, options: options)
        } else {
            scorer = try AttributionScorer(
                Experiment(
                    graph, transformer: transformer, metric: metric,
                    activations: optimal.fit(
                        ablation, of: graph, to: pairs.activations(with: transformer, for: metric),
                        with: transformer, verbosity: verbosity),
                    ablation: ablation),
                options: options)
        }
        let meter = ProgressMeter(
            method == .exact ? "receivers" : method.learnsMasks ? "steps" : "pairs", total: 0,
            verbosity: verbosity.level)
        let scores = try scorer.scores(
            by: method, perPair: perPair, resolution: resolution,
            progress: { meter.update(completed: $0, total: $1) },
            training: { step in
                meter.update(
                    completed: step.number, total: step.count, note: "loss \(step.shortLoss)")
                if step.isWorthALine { verbosity.detail(step.line) }
            })
        meter.finish()
        verbosity.detail(
            "\(scores.mean.count { !$0.isNaN }) edges in \((ContinuousClock.now - start) / .seconds(1)) s, "
                + "\(BLAS.kernel) kernels")

        var artifact = EdgeScoresArtifact(
            scores, by: method, of: scorer, resolution: resolution, model: pairs.dataset.model,
            datasetDigest: pairs.datasetDigest, cacheDigest: pairs.cacheDigest)
        if level == .layer || level == .head {
            artifact = try artifact.projected(to: level, keepingPositions: positions)
        }
        let provenance = try Provenance.appending(
            .thisRun(
                inputs: pairs.inputs + (circuit.map { [$0.input] } ?? []),
                modelDigest: source.digest(),
                seed: method.isRandom
                    ? Int(truncatingIfNeeded: seed.seed) : optimal.seed(for: ablation),
                dtype: "float32",
                blasKernel: BLAS.kernel, threads: threads.count),
            to: [pairs.provenance])
        _ = try artifact.write(to: destination, provenance: provenance)
    }
}
