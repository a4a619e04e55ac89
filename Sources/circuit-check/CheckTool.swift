import ArgumentParser
import Artifacts
import Basics
import Graphs
import Presentation
import Reproduction
import ToolSupport

/// Validates artifacts against their schemas and digests.
@main
struct CheckTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-check",
        abstract: "Check artifacts against their schema, their digest and their provenance.",
        discussion: """
            Every problem is a line with the file and the path inside it. The exit status is 0 if \
            all artifacts are valid, 1 if not. Checked are the schema, the digests, whether what is \
            in a file agrees with itself (edges with the order of computation, the decision log with \
            the circuit, masks with lengths), and the chain of provenance.
            """,
        examples: [
            "circuit-check circuit.h5",
            "circuit-check --quiet *.h5 && echo all valid",
            "circuit-cache pairs.h5 | circuit-check -",
            "circuit-check --migrate old.h5",
            "circuit-check --repair annotated.h5",
            "circuit-check --files --replay circuit.h5",
            "circuit-check --describe circuit",
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
                group /notes, where additions of your own may be. What a run of circuit-cache \
                left that was stopped, NAME.PID.partial, is cut to its last whole batch: the same \
                command goes on from there.
                """))
    var repair = false

    @Flag(
        help: ArgumentHelp(
            "Check also that the files named in the provenance are there and unchanged.",
            discussion: """
                A file is looked for by its recorded path, from the current folder, and by its name \
                beside the artifact.
                """))
    var files = false

    @Flag(
        help: ArgumentHelp(
            "Make valid artifacts again by their recorded command lines, and compare digests.",
            discussion: """
                Only tools of this toolkit beside this one are run; what they make goes into a \
                scratch folder, which is removed. Run it where the recorded paths lead to files. \
                Other kernels or another version can give another digest: it is said.
                """))
    var replay = false

    @Option(
        help: ArgumentHelp(
            "Print what is in the files of a kind, and check nothing.", valueName: "kind"))
    var describe: DescribedKind?

    @OptionGroup var json: JSONOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if migrate || repair, inputs.contains("-") {
            throw ValidationError(
                "\(migrate ? "--migrate" : "--repair") rewrites files in place; give paths")
        }
    }

    func run() throws {
        if let describe {
            return try StandardOutput.write(SchemaPage(describe.kind).text)
        }
        var verdicts: [Verdict] = []
        var unread: ArtifactError?
        for input in inputs {
            let verdict: Verdict
            do {
                verdict = try self.verdict(on: input)
            } catch {
                // The other files are checked too; the last of several errors ends the run.
                if let unread { Console.print(unread.description) }
                unread = error
                continue
            }
            if !json.json { try print(verdict) }
            verdicts.append(verdict)
        }
        if json.json { try StandardOutput.print(JSONText.line(verdicts)) }
        if let unread { throw unread }
        if !verdicts.allSatisfy(\.isValid) { throw ExitCode(ExitStatus.no.rawValue) }
    }

    /// The verdict on a file as it is once it was mended and migrated, where that is asked for.
    private func verdict(on path: String) throws(ArtifactError) -> Verdict {
        var verdict = try Verdict(checking: path, furtherProblems)
        if repair && !verdict.isValid, try mend(path) {
            verdict = try Verdict(checking: path, furtherProblems)
        }
        if migrate && verdict.isValid {
            let isChanged = try ArtifactFile(whole: path).migrate(by: { .thisRun(inputs: $0) })
            verbosity.note("\(path): " + (isChanged ? "migrated" : "already up to date"))
            if isChanged { verdict = try Verdict(checking: path, furtherProblems) }
        }
        return verdict
    }

    /// Mends a file that isn't valid. Returns whether it may be now, by this process or another one.
    private func mend(_ path: String) throws(ArtifactError) -> Bool {
        if let cache = try UnfinishedCache(cutting: path) {
            verbosity.note(
                "\(path): cut after \(cache.cleanCount) clean and \(cache.corruptedCount) corrupted of "
                    + "\(cache.pairCount) prompts each; the same command of circuit-cache, with the same "
                    + "output, goes on from there")
            return false
        }
        do throws(ArtifactError) {
            let moved = try ArtifactFile(whole: path).moveUnknownParts()
            for part in moved {
                verbosity.note("\(path): the \(part.form) \(part) is now in /notes")
            }
            return true
        } catch  where error.kind == .badData {
            // What can't be mended is in the verdict already.
            return false
        }
    }

    /// What is checked of an artifact that is valid by its schema and digests.
    private func furtherProblems(_ file: ArtifactFile) throws(ArtifactError) -> [Diagnostic] {
        var found = try file.contradictions()
        if files { found += try ReferencedFiles(artifact: file).problems() }
        if replay, found.allSatisfy({ $0.severity == .note }) {
            found += try Replay.problems(of: file)
        }
        return found
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

/// A kind of artifact as `--describe` takes it.
struct DescribedKind: ChoiceArgument {
    static let noun = "kind of artifact"
    static var offer: String {
        "one of " + ArtifactKind.allCases.map(\.rawValue).joined(separator: ", ")
    }

    let kind: ArtifactKind

    var name: String { kind.rawValue }

    init?(name: String) {
        guard let kind = ArtifactKind(rawValue: name) else { return nil }
        self.kind = kind
    }
}
