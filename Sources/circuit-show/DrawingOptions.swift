import ArgumentParser
import Artifacts
import Basics
import Presentation
import ToolSupport

/// Where a drawing goes, and what is chosen of it.
struct DrawingOptions: ParsableArguments {
    @Option(help: "Write the circuit to this file in DOT; '-' is standard output.")
    var dot: String?

    @Option(help: "Write a drawing to this file as SVG; '-' is standard output.")
    var svg: String?

    @Option(help: "Write a drawing to this file as PDF (by librsvg's rsvg-convert).")
    var pdf: String?

    @Option(help: "Write a drawing to this file as PNG (by librsvg's rsvg-convert).")
    var png: String?

    @Option(help: "The drawing's title, in place of one that says what it is.")
    var title: String?

    @Flag(help: "Draw without a caption: no title but --title, no legend, no remarks.")
    var noCaption = false

    @Option(
        help: ArgumentHelp(
            "How far to fold a circuit: auto, full, heads, roles or layers.",
            discussion: """
                auto takes the finest that stays readable on a page. roles draws a box for each role of known \
                circuits, or of --roles.
                """))
    var detail = CircuitDrawing.Detail.auto

    @Option(
        help: ArgumentHelp(
            "Arrows of a circuit, at most.",
            discussion: """
                The strongest are drawn, or where there are no scores those between roles, or into the \
                logits, and then those on the most paths, each with a whole path from the input to \
                the logits.
                """))
    var maxEdges = 200

    @Option(
        help: ArgumentHelp(
            "Roles of nodes to colour, in place of the circuit's own.",
            discussion: """
                A JSON file of one object: each role with its nodes, such as \
                {"name mover": ["a9.h9", "a10.h*"]}.
                """,
            valueName: "file"),
        completion: .file(extensions: ["json"]))
    var roles: String?

    @Flag(help: "Write every cell's value into a heat map.")
    var values = false

    @Option(
        help: ArgumentHelp(
            "Draw an attention pattern of a cache, such as blocks.5.attn.hook_pattern.",
            valueName: "name"))
    var hook: String?

    @Option(help: "The query head whose pattern is drawn.")
    var head: Int?

    @Option(help: "The pair whose prompt is drawn (default: 0).")
    var pair: Int?

    @Flag(help: "Draw the pattern on the corrupted prompt, not the clean one.")
    var corrupted = false

    /// The options that have no use without a drawing.
    static let names: Set = [
        "title", "no-caption", "detail", "max-edges", "roles", "values", "hook", "head", "pair",
        "corrupted",
    ]

    /// The files that are drawn to, by option.
    var files: [(option: String, path: String)] {
        [("dot", dot), ("svg", svg), ("pdf", pdf), ("png", png)].compactMap { option, path in
            path.map { (option, $0) }
        }
    }

    /// Whether anything is drawn.
    var areGiven: Bool { !files.isEmpty }

    func validate() throws {
        if maxEdges < 1 { throw ValidationError("--max-edges must be at least 1") }
        for (index, file) in files.enumerated() {
            if let other = files[..<index].first(where: { $0.path == file.path }) {
                throw ValidationError(
                    "--\(other.option) and --\(file.option) can't both write to '\(file.path)'")
            }
        }
        if (hook == nil) != (head == nil) {
            throw ValidationError("--hook and --head go together: the pattern of one head is drawn")
        }
        for (option, path) in files where ["pdf", "png"].contains(option) && path == "-" {
            if StandardStreams.outputIsTerminal {
                throw ValidationError(
                    "not writing \(option.uppercased()) to a terminal: give a file, or send it to a pipe"
                )
            }
        }
    }

    /// What was chosen of the picture.
    ///
    /// - Throws: `Failure` where a file of roles can't be read.
    func pictureOptions() throws -> PictureOptions {
        var options = PictureOptions(title: title, hasCaption: !noCaption)
        options.circuit.detail = detail
        options.circuit.maximumArrows = maxEdges
        options.heatMap.showsValues = values
        if let hook, let head {
            options.attention = AttentionChoice(
                hook: hook, head: head, pair: pair ?? 0, run: corrupted ? .corrupted : .clean)
        }
        options.roles = try roles.map { try RoleFile(path: $0) }
        return options
    }

    /// Refuses at once files that can't be written in the end, or that something else is read from.
    func check(keeping inputs: [String?]) throws {
        for (index, file) in files.enumerated() {
            var others = files.map { Optional($0.path) }
            others.remove(at: index)
            try TextOutput.check(file.path, keeps: inputs + others)
        }
    }

    /// Writes a picture to every file that was asked for.
    func write(_ picture: Picture, verbosity: VerbosityOptions) throws {
        let svg = [svg, pdf, png].contains { $0 != nil } ? try picture.svg() : ""
        for (option, path) in files {
            switch option {
            case "dot": try TextOutput.write(picture.dot(), to: path)
            case "svg": try TextOutput.write(svg, to: path)
            case "pdf": try TextOutput.write(SVGConverter.convert(svg, to: .pdf), to: path)
            default: try TextOutput.write(SVGConverter.convert(svg, to: .png), to: path)
            }
            verbosity.detail("wrote \(path)")
        }
        for remark in picture.remarks { verbosity.note(remark) }
    }
}

extension CircuitDrawing.Detail: ExpressibleByArgument {}
