import ArgumentParser
import Artifacts
import Basics
import Discovery
import Graphs
import ModelToolSupport
import Tasks
import ToolSupport

/// Finds a circuit: by ACDC, or from scores.
@main
struct PruneTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-prune",
        abstract:
            "Find the circuit of a behaviour: by ACDC, or from the scores of its edges.",
        discussion: """
            ACDC: edges are tested from the output backwards (Conmy et al. 2023). An edge is cut if the \
            loss (the metric; -logit-diff and the like where a good circuit has a high value) rises \
            by less than the threshold. The input is an activation cache, or a dataset, whose activations are \
            then computed here.

            A search that is broken off goes on where it stood when the same command is given again: \
            its decisions are kept in OUTPUT.journal. Another search with the same output is refused \
            as long as they are there; --restart discards them.

            --level and --positions search a coarser or finer graph: layers, heads and MLPs, or every \
            edge at every position. --start tests the edges of a given circuit only.

            --edges N tries thresholds until a circuit has N edges. There may be none: sizes jump. It \
            ends all the same, with the circuit of the nearest size it found, and all circuits it \
            came by as further runs. --time-limit bounds the time it takes.

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
            "circuit-prune --level head --threshold 0.05 --metric kl cache.h5 -o heads.h5",
            "circuit-prune --positions --threshold 0.05 --metric kl cache.h5 -o positions.h5",
            "circuit-score --method eap-ig-inputs --metric kl c.h5 | circuit-prune --edges 300 "
                + "--absolute - -o top.h5; "
                + "circuit-prune --start top.h5 --threshold 0.02 --metric kl c.h5 -o tested.h5",
            "circuit-prune --edges 100 --time-limit 20 --metric kl cache.h5 -o c100.h5",
            "circuit-prune --thresholds 0.1,0.05 --order cli,library,shuffle:1 cache.h5 -o sweep.h5",
            "circuit-prune --edges 200 --absolute scores.h5 -o circuit.h5",
            "circuit-score cache.h5 | circuit-prune --percent 0.5 --greedy - | circuit-show -",
            "circuit-score --level neuron c.h5 | circuit-prune --neurons 500 --absolute - -o n.h5",
            "circuit-eval --stability --best 100 s.h5 -o stable.h5",
            "circuit-prune --consensus 0.95 stable.h5 -o core.h5",
            "circuit-prune --consensus 0.5 graphs.h5 more-graphs.h5 -o features.h5",
            "circuit-prune --known ioi -o ioi.h5",
            "circuit-prune --known truth.json --model fixtures/tracr/reverse -o truth.h5",
        ])

    @OptionGroup var input: InputArgument

    @Argument(
        help: "Further attribution graphs, to merge with --consensus.",
        completion: .file(extensions: ["h5"]))
    var others: [String] = []

    @Option(
        name: .shortAndLong, parsing: .unconditional,
        help: """
            Cut an edge if the loss rises by less than this; take one whose score is at least this.
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

    @Option(
        help: ArgumentHelp(
            "Take the edges that at least this share of samples or circuits have, from 0 to 1.",
            discussion: """
                The input is an evaluation by circuit-eval --stability. Of attribution graphs, in one file or \
                several, it is the features that this share of the prompts' graphs keep, at any position: a \
                circuit of features.
                """,
            valueName: "share"))
    var consensus: Double?

    @Flag(help: "Take edges by their scores from the logits backwards, not from the whole graph.")
    var greedy = false

    @Option(
        help: ArgumentHelp(
            "Write a known circuit: "
                + KnownCircuit.listOfNames + ", or with --model a JSON list of its edges.",
            discussion: "The list is {\"edges\": [\"input->m0\", ...]}.", valueName: "name|list"))
    var known: String?

    @OptionGroup var experiment: ExperimentOptions<Search>

    @Option(
        help: ArgumentHelp(
            "The order of the tests: cli, library (the reference's presets), or shuffle:SEED.",
            discussion:
                "Several, separated by commas, also give the share of them that keep an edge.",
            valueName: "orders"))
    var order = TraversalOrders([.cli])

    @Flag(help: "Judge by the size of a change or score, not by its direction.")
    var absolute = false

    @Flag(
        help: "Test edges one by one, not in waves: the same circuit to rounding, slower.")
    var oneByOne = false

    @Option(
        help: """
            The level of the graph that is searched: \(Self.levels.map(\.rawValue).joined(separator: ", ")). \
            Of layers and heads an edge is cut with all edges that it is made of.
            """)
    var level = GraphLevel.edge

    @Flag(help: "Search edges at each position by itself; prompts must mean the same at each.")
    var positions = false

    @Option(
        help: ArgumentHelp(
            "Search in this circuit instead of in the whole graph: other edges are cut from the start.",
            discussion: "It may be of a coarser level than the search.", valueName: "circuit"),
        completion: .file(extensions: ["h5"]))
    var start: String?

    @Option(
        help: ArgumentHelp(
            "Write what --edges or --thresholds have found after this many minutes.",
            discussion: "The first run is always finished; what comes after can be gone on with.",
            valueName: "minutes"))
    var timeLimit: Double?

    @Flag(help: "Discard the decisions of an interrupted search with the same output.")
    var restart = false

    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    /// The levels of a search by ACDC.
    static let levels: [GraphLevel] = [.layer, .head, .edge]

    func run() throws {
        if let known { return try write(known: known) }
        let file = try input.open()
        if let consensus {
            if file.header.kind == .attributionGraph {
                return try prune(attributionGraphsIn: file, share: consensus)
            }
            if let other = others.first {
                throw Failure(
                    .usage, "\(other): of an evaluation's stability one file is taken at a time")
            }
            return try prune(stabilityIn: file, share: consensus)
        }
        if file.header.kind == .edgeScores { return try prune(scoresIn: file) }
        try GivenOptions.ofThisRun.refuse(
            ["percent", "budget", "nodes", "neurons", "greedy"],
            because: "it is for scores of edges, and \(file.name) isn't edge-scores")
        guard let choice = try thresholdChoice else {
            throw Failure(.usage, "give one of --threshold, --thresholds and --edges")
        }
        try search(pairsIn: file, at: choice)
    }

    /// The thresholds of a search, as one of the options says; nil where the command line has none
    /// of them.
    var thresholdChoice: ThresholdChoice? {
        get throws {
            if let threshold { return .single(threshold) }
            if let edges { return .edgeCount(edges) }
            return try thresholds.map(ThresholdChoice.init)
        }
    }
}

/// Experiments in which ACDC searches.
enum Search: ExperimentPurpose {
    static let metric = Metric.kl
}
