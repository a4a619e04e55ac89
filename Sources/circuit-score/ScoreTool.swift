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
struct ScoreTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-score",
        abstract: "Score every edge by how much the behaviour depends on it.",
        discussion: """
            A positive score marks an edge that helps: cutting it would worsen the metric by about \
            the score (\(list(ScoringMethods.names { $0.meaning == .importance })) have no sign). Scores are means over pairs. \
            Methods that learn masks \
            (\(ScoringMethods.names { $0.meaning == .maskProbability }.joined(separator: ", "))) \
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
            How to score: \(ScoringMethods.names { _ in true }.joined(separator: ", ")).
            """)
    var method = EAP.name

    @Option(help: "Steps of the integrated methods.")
    var steps = IntegrationSteps.usual

    @OptionGroup var experiment: ExperimentOptions<Scoring>

    @Option(
        help: """
            The level of the graph: \(GraphLevel.listOfNames). Scores of layers and heads are sums of \
            their edges'.
            """)
    var level = GraphLevel.edge

    @Flag(help: "Give each position scores of its own.")
    var positions = false

    @Flag(help: "Keep the scores in each pair besides their mean.")
    var perPair = false

    @Option(
        help: ArgumentHelp(
            "The circuit at which \(MaskGradient.name) is taken (default: the full model), or whose "
                + "edges alone \(Exact.name) scores.",
            discussion: "circuit.h5#2 is run 2 of a circuit that has several.", valueName: "path"),
        completion: .file(extensions: ["h5"]))
    var circuit: String?

    @Option(
        help: ArgumentHelp(
            "Of \(Exact.name), score only edges into these: names such as m3, a3.h7<q>, a3.h7 (all its "
                + "inputs) or logits, separated by commas.",
            valueName: "names"))
    var receivers: String?

    @OptionGroup(title: "Learning masks") var training: TrainingOptions
    @OptionGroup var seed: SeedOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        let allowed = IntegrationSteps.allowed
        guard allowed.contains(steps) else {
            throw ValidationError(
                "--steps must be from \(allowed.lowerBound) to \(allowed.upperBound), not \(steps)")
        }
        if perPair, let type = ScoringMethods.find(method), !type.readsPairs {
            throw ValidationError("\(method) scores aren't of pairs: leave out --per-pair")
        }
    }

    func run() throws {
        let file = try input.open()
        let destination = try output.destination(keeping: input.input, circuit, model.model)
        if file.header.kind == .edgeScores {
            try project(file, to: level, destination)
        } else {
            try score(PairInput(file), at: level, destination)
        }
    }
}

/// What circuit-score's experiments are by default.
enum Scoring: ExperimentPurpose {
    static let metric = Metric.logitDifference
}
