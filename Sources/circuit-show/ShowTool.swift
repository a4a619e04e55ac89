import ArgumentParser
import Artifacts
package import Presentation
import ToolSupport

/// Shows an artifact as a person wants to read it.
@main
struct ShowTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-show",
        abstract: "Show any artifact: what it is, how it was made, and what is in it.",
        discussion: """
            A circuit can be drawn, laid out by layer, as DOT or (with Graphviz) as SVG; patching \
            effects as a heat map, in the terminal or as SVG; an evaluation's curves as SVG. With \
            --dot or --svg nothing else is printed. Of a circuit with several runs circuit.h5#2 is run 2.
            """,
        examples: [
            "circuit-show circuit.h5",
            "circuit-show --svg circuit.svg circuit.h5",
            "circuit-show 'sweep.h5#2'",
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

    @OptionGroup var json: JSONOptions

    @Option(help: "Write the circuit to this file in DOT; '-' is standard output.")
    var dot: String?

    @Option(help: "Write a drawing to this file as SVG; '-' is standard output.")
    var svg: String?

    @Option(
        help: ArgumentHelp(
            "How far to fold a drawing: auto, full, heads or layers.",
            discussion: "auto takes the finest that stays readable."))
    var detail = CircuitDrawing.Detail.auto

    @Option(help: "Arrows of a drawing, at most: the strongest are kept.")
    var maxEdges = 100

    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if maxEdges < 1 { throw ValidationError("--max-edges must be at least 1") }
        if dot == nil, svg == nil {
            try GivenOptions.ofThisRun.refuse(
                ["detail", "max-edges"], because: "nothing is drawn without --dot or --svg")
        } else {
            try GivenOptions.ofThisRun.requireOnly(
                ["dot", "svg", "run", "detail", "max-edges"],
                because: "--dot and --svg draw, and print nothing else")
        }
        if let dot, dot == svg {
            throw ValidationError("--dot and --svg can't both write to '\(dot)'")
        }
        if json.json {
            try GivenOptions.ofThisRun.refuse(["top"], because: "--json prints everything")
        }
    }

    func run() throws {
        let file = try input.open()
        try refuseOptions(without: file.header.kind)
        if dot != nil || svg != nil { return try draw(file) }
        let selection = ReportSelection(edge: edge, decisions: decisions)
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
            try GivenOptions.ofThisRun.refuse(
                ["run", "decisions", "detail", "max-edges"],
                because: "it is for circuits, and this is of the kind \(kind.rawValue)")
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
        for (path, other) in [(dot, svg), (svg, dot)] {
            if let path { try TextOutput.check(path, keeps: [input.input, other]) }
        }
        let picture = try Picture(file, detail: detail, maximumEdges: maxEdges, run: chosenRun)
        if let dot {
            try TextOutput.write(picture.dot(), to: dot)
            verbosity.detail("wrote \(dot)")
        }
        if let svg {
            try TextOutput.write(picture.svg(), to: svg)
            verbosity.detail("wrote \(svg)")
        }
    }
}

extension CircuitDrawing.Detail: ExpressibleByArgument {}
