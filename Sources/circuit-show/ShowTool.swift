import ArgumentParser
import Artifacts
import Graphs
import Presentation
import ToolSupport

/// Shows an artifact as a person wants to read it.
@main
struct ShowTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-show",
        abstract: "Show any artifact: what it is, how it was made, and what is in it.",
        discussion: """
            A circuit can be drawn, laid out by layer or by role, as DOT or (with Graphviz) as SVG, PDF \
            or PNG; patching effects as a heat map, in the terminal or to such a file; an evaluation's \
            curves, and a cache's attention patterns, to such a file; an attribution graph by layer and \
            position, a circuit of features by layer. Then nothing else is printed. Of a circuit with several runs circuit.h5#2 is run 2, \
            of attribution graphs of several prompts graph.h5#2 prompt 2, counted from 0.

            --supernodes groups nodes of an attribution graph: the groups, the edges between them and the \
            scores of their features are printed or drawn, and put into --viewer's file. --subgraph says \
            what a choice of nodes explains, all other features counted as errors.
            """,
        examples: [
            "circuit-show circuit.h5",
            "circuit-show --svg circuit.svg circuit.h5",
            "circuit-show 'sweep.h5#2'",
            "circuit-prune --known ioi | circuit-show --pdf ioi.pdf --title 'IOI in GPT-2 small' -",
            "circuit-show --png effects.png --normalize effects.h5",
            "circuit-show --svg p.svg --hook blocks.5.attn.hook_pattern --head 3 --pair 0 cache.h5",
            "circuit-show --svg graph.svg --viewer graph.json graph.h5",
            "circuit-show --prompt 1 --supernodes groups.yaml pair.h5",
            "circuit-show --subgraph 'm0.f5@*,m1.f60@1' graph.h5",
            "circuit-show --decisions --edge 'a9.h6<q>' circuit.h5",
            "circuit-show --json circuit.h5 | jq -r '.edges[] | select(.in_circuit) | .edge'",
            "circuit-prune --threshold 0.02 cache.h5 | circuit-show -",
        ])

    @OptionGroup var input: InputArgument

    @OptionGroup var top: TopOptions

    @Option(help: "Only edges whose name contains this, in the circuit or not.")
    var edge = ""

    @Flag(help: "Show the decision log of ACDC: every edge tested, in order, and why it stayed.")
    var decisions = false

    @Option(
        name: .customLong("run"),
        help: """
            Show a further run of the circuit (another threshold or order) by its number, as \
            circuit.h5#2 does.
            """)
    var chosenRun: Int?

    @Option(
        name: .customLong("prompt"),
        help:
            "Show one prompt of attribution graphs of several, counted from 0, as graph.h5#2 does.")
    var chosenPrompt: Int?

    @Option(
        help: ArgumentHelp(
            "Groups of an attribution graph's nodes, and the graph between them.",
            discussion: """
                A JSON or YAML file of one object: each group with its nodes or patterns of them, such as \
                {"Texas": ["m1.f17@5", "m2.f3@*"]}.
                """,
            valueName: "file"),
        completion: .file(extensions: ["json", "yaml", "yml"]))
    var supernodes: String?

    @Option(
        help: ArgumentHelp(
            "Say what these nodes of an attribution graph explain, other features counted as errors.",
            discussion:
                "Names or patterns, separated by commas. Without it, of --supernodes all nodes.",
            valueName: "nodes"))
    var subgraph: String?

    @Flag(
        help: ArgumentHelp(
            "Show patching effects as shares: 0 is the corrupted run, 1 the clean one.",
            discussion: "(patched - corrupted) / (clean - corrupted), each the mean over the pairs."
        ))
    var normalize = false

    @OptionGroup var json: JSONOptions

    @Option(
        help: ArgumentHelp(
            "Write an attribution graph to this file as JSON for circuit-tracer's page or Neuronpedia.",
            valueName: "file"))
    var viewer: String?

    @OptionGroup(title: "Drawing") var drawing: DrawingOptions

    @OptionGroup var verbosity: VerbosityOptions

    /// Whether files are written instead of a report.
    private var writesFiles: Bool { drawing.areGiven || viewer != nil }

    func validate() throws {
        if writesFiles {
            try GivenOptions.ofThisRun.requireOnly(
                DrawingOptions.names.union([
                    "dot", "svg", "pdf", "png", "viewer", "run", "prompt", "supernodes",
                    "normalize",
                ]),
                because: "a drawing is written, and nothing else is printed")
        }
        if !drawing.areGiven {
            try GivenOptions.ofThisRun.refuse(
                DrawingOptions.names,
                because: "nothing is drawn without --svg, --pdf, --png or --dot")
        }
        if chosenRun != nil, chosenPrompt != nil {
            throw ValidationError("--run is of circuits, --prompt of attribution graphs: give one")
        }
        if json.json {
            try GivenOptions.ofThisRun.refuse(["top"], because: "--json prints everything")
        }
    }

    func run() throws {
        let file = try input.open()
        try refuseOptions(without: file.header.kind)
        if writesFiles { return try draw(file) }
        let run = chosen(of: file)
        var selection = ReportSelection(
            edge: edge, decisions: decisions, isNormalized: normalize, prompt: run)
        if supernodes != nil || subgraph != nil {
            selection.view = try FeatureGraphView(
                file, prompt: run, supernodes: supernodes.map { try SupernodeFile(path: $0) },
                subgraph: subgraph.map { CommaList($0).parts })
        }
        if json.json {
            try StandardOutput.print(ArtifactJSON.text(file, selection: selection, run: run))
        } else {
            let report = try Report(file, selection: selection, run: run)
            try StandardOutput.print(
                report.text(
                    limit: top.limit,
                    // A heat map is cut only where that is asked for: its shape says much.
                    heatMapLimit: GivenOptions.ofThisRun.contains("top") ? top.limit : nil,
                    width: StandardStreams.outputWidth ?? 100,
                    colours: StandardStreams.outputHasColours))
        }
    }

    /// The run or the prompt that an option or the file's name says; nil where neither does.
    private func chosen(of file: ArtifactFile) -> Int? {
        let option = chosenRun ?? chosenPrompt
        return file.header.kind == .attributionGraph ? option ?? file.run : option
    }

    /// Refuses options that an artifact of this kind has no use for.
    private func refuseOptions(without kind: ArtifactKind) throws {
        if kind != .circuit {
            // Of an attribution graph of several prompts --run is the prompt.
            try GivenOptions.ofThisRun.refuse(
                kind == .attributionGraph
                    ? ["decisions", "detail", "roles"]
                    : kind == .featureCircuit
                        ? ["run", "decisions", "detail", "roles"]
                        : ["run", "decisions", "detail", "max-edges", "roles"],
                because: "it is for circuits, and this is of the kind \(kind.rawValue)")
        }
        if kind != .attributionGraph {
            try GivenOptions.ofThisRun.refuse(
                ["viewer", "prompt", "supernodes", "subgraph"],
                because: "it is for attribution graphs, and this is of the kind \(kind.rawValue)")
        } else {
            try GivenOptions.ofThisRun.refuse(
                ["title", "no-caption"], because: "drawings of attribution graphs have neither")
        }
        if kind != .patchEffects {
            try GivenOptions.ofThisRun.refuse(
                ["normalize"],
                because: "it is for patch-effects, and this is of the kind \(kind.rawValue)")
            if kind != .activationCache {
                try GivenOptions.ofThisRun.refuse(
                    ["values"], because: "only heat maps have cells, and this is no heat map")
            }
        }
        if kind != .activationCache {
            try GivenOptions.ofThisRun.refuse(
                ["hook", "head", "pair", "corrupted"],
                because: "it is for activation-cache, and this is of the kind \(kind.rawValue)")
        }
        if [.evaluation, .attributionGraph, .featureCircuit].contains(kind) {
            try GivenOptions.ofThisRun.refuse(
                ["title", "no-caption"],
                because: "the picture of \(kind.rawValue) has neither title nor caption")
        }
        if ![.circuit, .edgeScores, .attributionGraph, .featureCircuit].contains(kind) {
            try GivenOptions.ofThisRun.refuse(
                ["edge"],
                because:
                    "it is for circuits, scores and graphs of features, and this is of the kind "
                    + kind.rawValue)
        }
    }

    private func draw(_ file: ArtifactFile) throws {
        try drawing.check(keeping: [input.input, drawing.roles, viewer, supernodes])
        let run = chosen(of: file)
        let groups = try supernodes.map { try SupernodeFile(path: $0) }
        if file.header.kind == .attributionGraph, run == nil {
            let count = try file.attributionGraphs().graphs.content.prompts.count
            if count > 1 {
                verbosity.note(
                    "\(file.name) holds \(count) prompts: prompt 0 is drawn; --prompt N or "
                        + "\(file.name)#N takes another")
            }
        }
        if let viewer {
            try TextOutput.check(viewer, keeps: [input.input, supernodes])
            let (artifact, _) = try file.attributionGraphs(prompt: run)
            let graph = PromptGraph(name: file.name, artifact.content, prompt: run ?? 0)
            let supernodes = try groups?.supernodes(of: graph) ?? []
            try TextOutput.write(
                ViewerGraph(graph, supernodes: supernodes).text() + "\n", to: viewer)
            verbosity.detail("wrote \(viewer)")
        }
        guard drawing.areGiven else { return }
        var options = try drawing.pictureOptions()
        options.heatMap.isNormalized = normalize
        options.supernodes = groups
        let picture = try Picture(file, options, run: run)
        try drawing.write(picture, verbosity: verbosity)
    }
}
