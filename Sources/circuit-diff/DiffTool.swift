import ArgumentParser
import Artifacts
import Graphs
import Presentation
import ToolSupport

/// Compares two circuits, or combines them.
@main
struct DiffTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-diff",
        abstract: "Compare two circuits: what only one has, what both have, how scores differ.",
        discussion: """
            The exit status is 0 if both have the same edges and nodes, 1 if not; scores don't \
            count. Graphs of one shape are aligned by node name, others by relative depth and role, \
            and the output says what was aligned. With --write the result is an artifact, and the \
            status 0. Of a circuit with several runs (circuit-prune --thresholds) file.h5#2 is run 2.
            """,
        examples: [
            "circuit-diff loose.h5 tight.h5",
            "circuit-diff --json a.h5 b.h5 | jq .edge_jaccard",
            "circuit-diff --write intersection -o both.h5 a.h5 b.h5",
            "circuit-diff --write union a.h5 b.h5 | circuit-show -",
            "circuit-diff 'sweep.h5#0' 'sweep.h5#3'",
            "circuit-prune --threshold 0.1 cache.h5 | circuit-diff loose.h5 -",
        ])

    /// What `--write` makes.
    enum Result: String, CaseIterable, ExpressibleByArgument {
        case union, intersection, difference, comparison
    }

    @Argument(help: "The first circuit.", completion: .file(extensions: ["h5"]))
    var first: String

    @Argument(
        help: "The second circuit; '-' is standard input.", completion: .file(extensions: ["h5"]))
    var second: String

    @Option(
        help: ArgumentHelp(
            "Write an artifact: union, intersection, difference or comparison.",
            discussion: "The first three are circuits, the last a circuit-diff."))
    var write: Result?

    @OptionGroup var output: OutputOptions

    @OptionGroup var top: TopOptions

    @OptionGroup var json: JSONOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if [first, second].allSatisfy({ ArtifactName($0).isStandardInput }) {
            throw ValidationError("only one of the circuits can come from standard input")
        }
        if write == nil && output.output != "-" {
            throw ValidationError("--output needs --write, which says what to write")
        }
        if write != nil && json.json {
            throw ValidationError("--json can't be given with --write")
        }
        if write != nil || json.json {
            try GivenOptions.ofThisRun.refuse(
                ["top"], because: "no table is printed with --write or --json")
        }
    }

    func run() throws {
        let destination =
            write == nil ? nil : try output.destination(keeping: first, second)
        let first = try circuit(first)
        let second = try circuit(second)
        if let write, let destination {
            return try store(write, of: first, and: second, in: destination)
        }
        let (diff, comparison) = CircuitDiffArtifact.comparing(first, second)
        if json.json {
            try StandardOutput.print(ArtifactJSON.text(diff, comparison))
        } else {
            try StandardOutput.print(Report(diff, comparison).text(limit: top.limit))
        }
        if !comparison.areSame { throw ExitCode(ExitStatus.no.rawValue) }
    }

    /// Reads one of the circuits, and says which run is taken where none is named of several.
    private func circuit(_ name: String) throws -> Artifact<CircuitArtifact> {
        let artifact = try ArtifactFile(name).circuit()
        if let note = artifact.noteOfMainRun { verbosity.note(note) }
        return artifact
    }

    private func store(
        _ result: Result, of first: Artifact<CircuitArtifact>,
        and second: Artifact<CircuitArtifact>, in destination: ArtifactOutput
    ) throws {
        let provenance = try Provenance.appending(
            .thisRun(inputs: [first.input("first"), second.input("second")]),
            to: [first.provenance, second.provenance])
        if let operation = CircuitSetOperation(rawValue: result.rawValue) {
            try first.content.applying(operation, with: second.content)
                .write(to: destination, provenance: provenance)
        } else {
            try CircuitDiffArtifact.comparing(first, second).diff
                .write(to: destination, provenance: provenance)
        }
    }
}
