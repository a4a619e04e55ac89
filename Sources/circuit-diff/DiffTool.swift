import ArgumentParser
import Artifacts
import Basics
import Graphs
import Presentation
import ToolSupport

/// Compares circuits, or combines two.
@main
struct DiffTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-diff",
        abstract:
            "Compare circuits or attribution graphs: what only one has, what both have, how they differ.",
        discussion: """
            The exit status is 0 if all have the same edges and nodes, 1 if not; scores don't \
            count. Graphs of one shape are aligned by node name (of two levels at the coarser), others \
            by relative depth and role, and the output says what was aligned. With --write the result is an artifact, and the \
            status 0. Of a circuit with several runs (circuit-prune --thresholds) file.h5#2 is run 2.

            Which heads of two models play the same part? --by role matches the heads of the \
            circuits one to one by what they read and write in the circuit, their depth and, given the \
            activations of both, what they attend to from the named positions and where their \
            output changes. It prints each match's similarity and how far it is ahead of the next \
            best; a head that is like none has no counterpart.

            More than two circuits, or one file with several runs, are compared as a matrix: how many \
            edges each two have in common, and their Jaccard index (shared edges over edges in \
            either). circuit-eval --stability stores it, and says which edges are in most of them.

            Attribution graphs are compared by the kept nodes and edges of one prompt each: graph.h5#1 \
            is prompt 1, and a file with the two prompts of a pair is enough. Features are matched by \
            name, or with --ignore-positions by layer and number. The difference is the first weight \
            less the second, where a graph without an edge has the weight 0. Circuits of features \
            (circuit-prune --consensus) are compared by their features' names.
            """,
        examples: [
            "circuit-diff loose.h5 tight.h5",
            "circuit-diff --json a.h5 b.h5 | jq .edge_jaccard",
            "circuit-diff --write intersection -o both.h5 a.h5 b.h5",
            "circuit-diff --write union a.h5 b.h5 | circuit-show -",
            "circuit-diff 'sweep.h5#0' 'sweep.h5#3'",
            "circuit-cache --names '*.hook_pattern,*.hook_z' ioi-a.h5 -o cache-a.h5",
            "circuit-diff --by role a.h5 b.h5 --activations cache-a.h5 --activations cache-b.h5",
            "circuit-diff seed0.h5 seed1.h5 seed2.h5",
            "circuit-diff --matrix sweep.h5 other.h5",
            "circuit-prune --threshold 0.1 cache.h5 | circuit-diff loose.h5 -",
            "circuit-trace --transcoders ./set --pair 0 --both pairs.h5 | circuit-diff -",
            "circuit-diff --ignore-positions one-prompt.h5 other-prompt.h5",
            "circuit-diff ioi-features.h5 greater-than-features.h5",
        ])

    /// What `--write` makes.
    enum Result: String, CaseIterable, ExpressibleByArgument {
        case union, intersection, difference, comparison
    }

    /// What `--by` aligns graphs by.
    enum Alignment: String, CaseIterable, ExpressibleByArgument {
        case name, depth, role
    }

    @Argument(
        help: """
            The circuits or attribution graphs; '-' is standard input, circuit.h5#2 a run of a circuit, \
            graph.h5#2 a prompt.
            """,
        completion: .file(extensions: ["h5"]))
    var circuits: [String]

    @Flag(
        help: "Compare all circuits of all files, their runs too, as a matrix, also of two files.")
    var matrix = false

    @Option(
        help: ArgumentHelp(
            "Write an artifact: union, intersection, difference or comparison.",
            discussion: """
                Of two circuits: the first three are circuits, the last a circuit-diff. Of two attribution \
                graphs: the first three, with the values of the first graph.
                """))
    var write: Result?

    @Option(
        help: ArgumentHelp(
            "Align the graphs by name, depth or role.",
            discussion: "Without it, by name where their shapes agree, else by depth."))
    var by: Alignment?

    @Option(
        help: ArgumentHelp(
            "With --by role, an activation cache with hook_pattern and hook_z of a circuit's model on its "
                + "pairs. Give it twice, in the circuits' order.",
            valueName: "cache"),
        completion: .file(extensions: ["h5"]))
    var activations: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --by role, how alike heads must be to be held for counterparts, from 0 to 1.",
            valueName: "similarity"))
    var leastSimilarity: Double = HeadMatching.usualLeast

    @Flag(
        help: "Match features of attribution graphs by layer and number, whatever their positions.")
    var ignorePositions = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var top: TopOptions

    @OptionGroup var json: JSONOptions
    @OptionGroup var verbosity: VerbosityOptions

    /// Whether each two of several circuits are compared, not two by their edges.
    private var isMatrix: Bool { matrix || circuits.count != 2 }

    func validate() throws {
        if write == nil && output.output != "-" {
            throw ValidationError("--output needs --write, which says what to write")
        }
        if write != nil && json.json {
            throw ValidationError("--json can't be given with --write")
        }
        if let write, matrix || circuits.count > 2 {
            throw ValidationError(
                "--write \(write.rawValue) is of two circuits; circuit-eval --stability stores a matrix, "
                    + "and circuit-prune --consensus makes a circuit of what most have")
        }
        if by != .role {
            try GivenOptions.ofThisRun.refuse(
                ["activations", "least-similarity"], because: "they are for --by role")
        }
        if by != nil && (isMatrix || write != nil && write != .comparison) {
            throw ValidationError(
                "--by is for two circuits that are compared, not for a matrix, union, intersection or "
                    + "difference")
        }
        if !activations.isEmpty && activations.count != 2 {
            throw ValidationError(
                "--activations is given \(activations.count) times; give it twice, once for each circuit"
            )
        }
        if (activations + circuits).count(where: { ArtifactName($0).isStandardInput }) > 1 {
            throw ValidationError("only one file can come from standard input")
        }
        guard (0...1).contains(leastSimilarity) else {
            throw ValidationError("--least-similarity must be from 0 to 1")
        }
        if write != nil || json.json || matrix || circuits.count > 2 {
            try GivenOptions.ofThisRun.refuse(
                ["top"], because: "no table of edges is printed with --write, --json or a matrix")
        }
    }

    func run() throws {
        let files = try circuits.map { try ArtifactFile($0) }
        if files.contains(where: { $0.header.kind == .attributionGraph }) {
            try GivenOptions.ofThisRun.refuse(
                ["by", "activations", "least-similarity"], because: "they are for circuits")
            return try compare(attributionGraphsIn: files)
        }
        try GivenOptions.ofThisRun.refuse(
            ["ignore-positions"], because: "it is for attribution graphs")
        if files.contains(where: { $0.header.kind == .featureCircuit }) {
            try GivenOptions.ofThisRun.refuse(
                ["by", "activations", "least-similarity"], because: "they are for circuits")
            return try compare(featureCircuitsIn: files)
        }
        if isMatrix { return try compareAll(files) }
        let destination =
            write == nil ? nil : try output.destination()
        try destination?.check(keeps: circuits + activations)
        let first = try circuit(files[0])
        let second = try circuit(files[1])
        if let write, let destination {
            return try store(write, of: first, and: second, in: destination)
        }
        let (diff, comparison) = CircuitDiffArtifact.comparing(
            first, second, alignment: try alignment(of: first, and: second).alignment)
        if json.json {
            try StandardOutput.print(ArtifactJSON.text(diff, comparison))
        } else {
            try StandardOutput.print(Report(diff, comparison).text(limit: top.limit))
        }
        if !comparison.areSame { throw ExitCode(ExitStatus.no.rawValue) }
    }

    /// Compares each two of all circuits.
    private func compareAll(_ files: [ArtifactFile]) throws {
        if let write {
            throw Failure(
                .usage, "--write \(write.rawValue) is of two circuits, and one file is given")
        }
        try GivenOptions.ofThisRun.refuse(
            ["top"], because: "no table of edges is printed with a matrix")
        let all = try files.flatMap { try $0.circuit().circuits() }
        guard all.count > 1 else {
            throw Failure(
                .usage, "\(circuits[0]) has one circuit: give another one to compare it with")
        }
        let overlaps = CircuitOverlaps(all)
        try StandardOutput.print(
            json.json
                ? ArtifactJSON.text(overlaps) : Report(overlaps).text(limit: nil))
        if !overlaps.areSame { throw ExitCode(ExitStatus.no.rawValue) }
    }

    /// Reads one of two circuits, and says which run is taken where none is named of several.
    private func circuit(_ file: ArtifactFile) throws -> Artifact<CircuitArtifact> {
        let artifact = try file.circuit()
        if let note = artifact.noteOfMainRun { verbosity.note(note) }
        return artifact
    }

    private func store(
        _ result: Result, of first: Artifact<CircuitArtifact>,
        and second: Artifact<CircuitArtifact>, in destination: ArtifactOutput
    ) throws {
        let (alignment, caches) = try alignment(of: first, and: second)
        let provenance = try Provenance.appending(
            .thisRun(
                inputs: [first.input("first"), second.input("second")]
                    + zip(caches, ["first-activations", "second-activations"]).map { $0.input($1) }),
            to: [first.provenance, second.provenance] + caches.map(\.provenance))
        if let operation = CircuitSetOperation(rawValue: result.rawValue) {
            try first.content.applying(operation, with: second.content)
                .write(to: destination, provenance: provenance)
        } else {
            try CircuitDiffArtifact.comparing(first, second, alignment: alignment).diff
                .write(to: destination, provenance: provenance)
        }
    }
}
