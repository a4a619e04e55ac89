import ArgumentParser
import Artifacts
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
            position, --run being its prompt. Then nothing else is printed. Of a circuit with several \
            runs circuit.h5#2 is run 2.
            """,
        examples: [
            "circuit-show circuit.h5",
            "circuit-show --svg circuit.svg circuit.h5",
            "circuit-show 'sweep.h5#2'",
            "circuit-prune --known ioi | circuit-show --pdf ioi.pdf --title 'IOI in GPT-2 small' -",
            "circuit-show --png effects.png --normalize effects.h5",
            "circuit-show --svg p.svg --hook blocks.5.attn.hook_pattern --head 3 --pair 0 cache.h5",
            "circuit-show --svg graph.svg --viewer graph.json graph.h5",
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
                    "dot", "svg", "pdf", "png", "viewer", "run", "normalize",
                ]),
                because: "a drawing is written, and nothing else is printed")
        }
        if !drawing.areGiven {
            try GivenOptions.ofThisRun.refuse(
                DrawingOptions.names,
                because: "nothing is drawn without --svg, --pdf, --png or --dot")
        }
        if json.json {
            try GivenOptions.ofThisRun.refuse(["top"], because: "--json prints everything")
        }
    }

    func run() throws {
        let file = try input.open()
        try refuseOptions(without: file.header.kind)
        if writesFiles { return try draw(file) }
        let selection = ReportSelection(
            edge: edge, decisions: decisions, isNormalized: normalize,
            prompt: chosenRun)
        if json.json {
            try StandardOutput.print(ArtifactJSON.text(file, selection: selection, run: chosenRun))
        } else {
            let report = try Report(file, selection: selection, run: chosenRun)
            try StandardOutput.print(
                report.text(
                    limit: top.limit, width: StandardStreams.outputWidth ?? 100,
                    colours: StandardStreams.outputHasColours))
        }
    }

    /// Refuses options that an artifact of this kind has no use for.
    private func refuseOptions(without kind: ArtifactKind) throws {
        if kind != .circuit {
            // Of an attribution graph of several prompts --run is the prompt.
            try GivenOptions.ofThisRun.refuse(
                kind == .attributionGraph
                    ? ["decisions", "detail", "roles"]
                    : ["run", "decisions", "detail", "max-edges", "roles"],
                because: "it is for circuits, and this is of the kind \(kind.rawValue)")
        }
        if kind != .attributionGraph {
            try GivenOptions.ofThisRun.refuse(
                ["viewer"],
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
        if kind == .evaluation || kind == .attributionGraph {
            try GivenOptions.ofThisRun.refuse(
                ["title", "no-caption"],
                because: "the picture of \(kind.rawValue) has neither title nor caption")
        }
        if kind != .circuit, kind != .edgeScores, kind != .attributionGraph {
            try GivenOptions.ofThisRun.refuse(
                ["edge"],
                because:
                    "it is for circuits, scores and attribution graphs, and this is of the kind "
                    + kind.rawValue)
        }
    }

    private func draw(_ file: ArtifactFile) throws {
        try drawing.check(keeping: [input.input, drawing.roles, viewer])
        if let viewer {
            try TextOutput.check(viewer, keeps: [input.input])
            let graph = try ViewerGraph(file, prompt: chosenRun ?? 0)
            try TextOutput.write(graph.text() + "\n", to: viewer)
            verbosity.detail("wrote \(viewer)")
        }
        guard drawing.areGiven else { return }
        var options = try drawing.pictureOptions()
        options.heatMap.isNormalized = normalize
        let picture = try Picture(file, options, run: chosenRun)
        try drawing.write(picture, verbosity: verbosity)
    }
}
