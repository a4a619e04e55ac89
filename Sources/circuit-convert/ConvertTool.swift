import ArgumentParser
import Artifacts
import Basics
import Interchange
import ToolSupport

/// Turns artifacts into files of other tools, and files of other tools into artifacts.
@main
struct ConvertTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-convert",
        abstract:
            "Turn files of other tools into artifacts, and artifacts into files of other tools.",
        discussion: """
            An artifact is written in the format that the output's name tells or --to names. Any other \
            file is read as what it is, or as --from says, and becomes an artifact; of pairs as text \
            circuit-pairs --from makes one, which needs a tokenizer. What the target can't hold is \
            said on stderr. --formats lists the formats.
            """,
        examples: [
            "circuit-convert --formats",
            "circuit-convert mib.json -o circuit.h5",
            "circuit-convert circuit.h5 --to mib-json -o mib.json",
            "circuit-convert scores.pt --to edge-scores --like pairs.h5 -o scores.h5",
            "circuit-convert cache.h5 -o cache.safetensors",
            "circuit-prune -t 0.02 cache.h5 | circuit-convert - --to graphml -o c.graphml",
        ])

    @Argument(help: "The file to convert; '-' is standard input.", completion: .file())
    var input = "-"

    @Option(
        name: .shortAndLong, help: "Where to write the result; '-' is standard output.",
        completion: .file())
    var output = "-"

    @Option(help: "The format of a file that isn't an artifact (default: by its content).")
    var from: String?

    @Option(
        help: ArgumentHelp(
            "The format to write, or the kind of artifact to make.",
            discussion: """
                Default: of an artifact what the output's name ends with, of another file the first \
                kind that --formats names.
                """))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "An artifact of the same model: graph, model or dataset are taken from it.",
            valueName: "file"),
        completion: .file(extensions: ["h5"]))
    var like: String?

    @Option(
        help: ArgumentHelp(
            "Key-value heads of the model, where the file doesn't say and heads share them.",
            valueName: "n"))
    var kvHeads: Int?

    @Option(help: "Of attribution graphs the prompt that is written (default: 0).")
    var prompt: Int?

    @Flag(help: "List the formats, what tells them, and what they can't hold.")
    var formats = false

    @Flag(help: ArgumentHelp("The list as a table of Markdown.", visibility: .hidden))
    var markdown = false

    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if formats {
            try GivenOptions.ofThisRun.requireOnly(
                ["formats", "markdown"], because: "--formats only lists them")
        }
        if let kvHeads, kvHeads < 1 { throw ValidationError("--kv-heads must be at least 1") }
        if let prompt, prompt < 0 { throw ValidationError("--prompt must be at least 0") }
        if like == "-", input == "-" {
            throw ValidationError("only one of the files can come from standard input")
        }
    }

    func run() throws {
        if formats {
            return try StandardOutput.print(
                markdown ? InterchangeFormats.table : InterchangeFormats.listing)
        }
        let name = ArtifactName(input)
        let file = try ForeignFile(name.path)
        if file.isHDF5 {
            try write(file.artifact(input))
        } else if name.run != nil {
            throw Failure(.usage, "\(file.name): only artifacts have runs: leave out #")
        } else {
            try read(file)
        }
    }

    /// Makes an artifact of a file of another tool.
    private func read(_ file: ForeignFile) throws {
        try GivenOptions.ofThisRun.refuse(
            ["prompt"], because: "\(file.name) is no artifact, and is read whole")
        let format =
            try from.map { try InterchangeFormats.named($0) } ?? InterchangeFormats.recognize(file)
        let destination = try ArtifactOutput(output)
        try destination.check(keeps: [input, like])
        let job = ReadingJob(
            output: destination, like: try like.map { try LikeArtifact($0) },
            keyValueHeads: kvHeads, step: { .thisRun(inputs: $0) }, remark: remark(of: file.name))
        verbosity.detail("\(file.name): \(format.name)")
        try format.read(file, as: kind(of: format, file.name), by: job)
    }

    /// The kind of artifact that a file becomes.
    private func kind(of format: any InterchangeFormat, _ file: String) throws -> ArtifactKind {
        guard let first = format.reads.first else {
            throw Failure(.usage, "\(file): \(format.name) is \(format.reading)")
        }
        guard let to else { return first }
        guard let kind = ArtifactKind(rawValue: to), format.reads.contains(kind) else {
            throw Failure(
                .usage,
                "\(file): of \(format.name) no '\(to)' is made, but \(format.reads.map(\.rawValue).joined(separator: " or "))"
                    + (InterchangeFormats.all.contains { $0.name == to }
                        ? ", which is converted again" : ""))
        }
        return kind
    }

    /// Writes an artifact as a file of another tool.
    private func write(_ artifact: ArtifactFile) throws {
        try GivenOptions.ofThisRun.refuse(
            ["from", "like", "kv-heads"],
            because: "\(artifact.name) is an artifact, which says what it is")
        let kind = artifact.header.kind
        let format =
            try to.map { try InterchangeFormats.named($0) }
            ?? InterchangeFormats.format(forOutput: output, of: kind)
        guard format.writes.contains(kind) else {
            throw Failure(
                .usage,
                "\(artifact.name): it is of kind \(kind.rawValue), and \(format.name) "
                    + (format.writes.isEmpty
                        ? "is only read"
                        : "holds \(format.writes.map(\.rawValue).joined(separator: " or "))"))
        }
        if kind != .attributionGraph {
            try GivenOptions.ofThisRun.refuse(
                ["prompt"],
                because: "it is for attribution graphs, and this is of kind \(kind.rawValue)")
        }
        try TextOutput.check(output, keeps: [input])
        if format.isBinary, output == "-", StandardStreams.outputIsTerminal {
            throw Failure(.usage, "not writing \(format.name) to a terminal: give -o FILE")
        }
        try format.write(
            artifact,
            by: WritingJob(path: output, prompt: prompt, remark: remark(of: artifact.name)))
    }

    /// Says a line about a file.
    private func remark(of file: String) -> (String) -> Void {
        { Console.warning("\(file): \($0)") }
    }
}
