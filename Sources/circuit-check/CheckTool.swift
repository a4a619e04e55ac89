import ArgumentParser
import Artifacts
import Basics
import Presentation
import ToolSupport

/// Validates artifacts against their schemas and digests.
@main
struct CheckTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-check",
        abstract: "Check artifacts against their schema, their digest and their provenance.",
        discussion: """
            Every problem is a line with the file and the path inside it. The exit status is 0 if \
            all artifacts are valid, 1 if not.
            """,
        examples: [
            "circuit-check circuit.h5",
            "circuit-check --quiet *.h5 && echo all valid",
            "circuit-cache pairs.h5 | circuit-check -",
            "circuit-check --migrate old.h5",
            "circuit-check --repair annotated.h5",
        ])

    @Argument(
        help: "The artifacts to check; '-' is standard input.",
        completion: .file(extensions: ["h5"]))
    var inputs = ["-"]

    @Flag(help: "Bring valid artifacts of an older schema version up to date, in place.")
    var migrate = false

    @Flag(
        help: ArgumentHelp(
            "Mend what can be mended, in place.",
            discussion: """
                Groups, datasets and attributes that the schema doesn't have are moved into the \
                group /notes, where additions of your own may be.
                """))
    var repair = false

    @OptionGroup var json: JSONOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if migrate || repair, inputs.contains("-") {
            throw ValidationError(
                "\(migrate ? "--migrate" : "--repair") rewrites files in place; give paths")
        }
    }

    func run() throws {
        var verdicts: [Verdict] = []
        var unread: ArtifactError?
        for input in inputs {
            var verdict: Verdict
            do {
                verdict = try Verdict(checking: input)
            } catch {
                // The other files are checked too; the last of several errors ends the run.
                if let unread { Console.print(unread.description) }
                unread = error
                continue
            }
            if repair && !verdict.isValid && verdict.artifact != nil {
                let moved = try ArtifactFile(whole: input).moveUnknownParts()
                for part in moved {
                    verbosity.note("\(input): the \(part.form) \(part) is now in /notes".printable)
                }
                if !moved.isEmpty { verdict = try Verdict(checking: input) }
            }
            if migrate && verdict.isValid {
                let isChanged = try ArtifactFile(whole: input).migrate(by: { .thisRun(inputs: $0) })
                verbosity.note("\(input): " + (isChanged ? "migrated" : "already up to date"))
                // The verdict is about the file as it is now.
                if isChanged { verdict = try Verdict(checking: input) }
            }
            if !json.json { try print(verdict) }
            verdicts.append(verdict)
        }
        if json.json { try StandardOutput.print(ArtifactJSON.encode(verdicts)) }
        if let unread { throw unread }
        if !verdicts.allSatisfy(\.isValid) { throw ExitCode(ExitStatus.no.rawValue) }
    }

    private func print(_ verdict: Verdict) throws {
        for problem in verdict.problems where problem.severity == "error" || !verbosity.isQuiet {
            let path = ["", "/"].contains(problem.path) ? "" : problem.path + ": "
            let note = problem.severity == "note" ? "note: " : ""
            try StandardOutput.print("\(verdict.file): \(note)\(path)\(problem.message)".printable)
        }
        if verdict.isValid && !verbosity.isQuiet {
            try StandardOutput.print("\(verdict.file): valid \(verdict.summary)".printable)
        }
    }
}
