package import Artifacts
import Basics
import Glibc

/// Makes an artifact again by the command lines of its provenance, and compares digests.
///
/// Nothing that a file says is trusted: only tools of this toolkit that write nothing but their output
/// are run, those beside this executable, without a shell, and each output goes into a scratch folder,
/// which is removed. What they read is what the records name.
package struct Replay {
    /// The tools that are run: `-o` is the only option by which they write a file, but for `--gguf`,
    /// which is refused.
    private static let tools: Set<String> = [
        "circuit-cache", "circuit-convert", "circuit-diff", "circuit-eval", "circuit-pairs",
        "circuit-patch", "circuit-prune", "circuit-score", "circuit-trace", "circuit-vector",
    ]

    private let artifact: ArtifactFile
    private let records: [Provenance.Record]
    private let scratch: ScratchFolder
    private let executables: String
    /// The paths of what was made so far, by digest.
    private var made: [String: String] = [:]
    private var found: [Diagnostic] = []

    /// What came of making `artifact` again: a note for each step that gave the same, and an error where
    /// the artifact itself wasn't made, or is another one.
    ///
    /// - Throws: what reading its provenance throws, and `io` where no scratch folder can be made.
    package static func problems(of artifact: ArtifactFile) throws(ArtifactError) -> [Diagnostic] {
        var replay = try Replay(artifact)
        replay.run()
        return replay.found
    }

    private init(_ artifact: ArtifactFile) throws(ArtifactError) {
        self.artifact = artifact
        records = try artifact.provenance().records
        scratch = try ScratchFolder()
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(
            decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        executables = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    private mutating func run() {
        for index in records.indices {
            let isLast = index == records.indices.last
            do throws(Failure) {
                guard let step = records[index].step else {
                    throw Failure(.badData, "not a provenance record")
                }
                let digest = try replay(step, number: index)
                let wanted = isLast ? [artifact.header.digest] : digestsRead(of: index)
                report(
                    index, isError: isLast && !wanted.contains(digest),
                    wanted.contains(digest)
                        ? "\(step.commandLine): made again, with the same digest"
                        : "\(step.commandLine): made again, with the digest \(digest.prefix(16))... "
                            + "and not \((wanted.first ?? "").prefix(16))..."
                            + Self.difference(step, path: made[digest]))
            } catch {
                report(index, isError: isLast, "not made again: \(error.description)")
            }
        }
        if records.isEmpty {
            found.append(Diagnostic(path: "/provenance", "there is no step to make again"))
        }
    }

    private mutating func report(_ index: Int, isError: Bool, _ message: String) {
        found.append(
            Diagnostic(
                isError ? .error : .note, path: "/provenance/record[\(index)]", message))
    }

    /// The digests of artifacts that were read by the steps which build on a step.
    private func digestsRead(of index: Int) -> [String] {
        records[index...].dropFirst().compactMap(\.step).filter {
            $0.parents.contains(records[index].id)
        }.flatMap { step in
            step.inputs.filter { ArtifactKind(rawValue: $0.kind) != nil }.compactMap(\.digest)
        }
    }

    /// Runs a step. Returns the digest of what it made.
    private mutating func replay(
        _ step: ProvenanceStep, number: Int
    ) throws(Failure) -> String {
        guard Self.tools.contains(step.tool) else {
            throw Failure(.usage, "\(step.tool.prefix(40)) isn't a tool that only makes artifacts")
        }
        if let option = step.arguments.first(where: { $0.hasPrefix("--gguf") }) {
            throw Failure(
                .usage, "with \(option.prefix(40)) it writes another file than its artifact")
        }
        var arguments = try ReplayedArguments(step.arguments)
        for input in step.inputs { try arguments.replace(input, by: path(of: input)) }
        let output = "\(scratch.path)/\(number).h5"
        let messages = "\(scratch.path)/\(number).messages"
        let status = try ChildProcess.run(
            "\(executables)/\(step.tool)", ["--output", output] + arguments.all,
            input: arguments.standardInput, messages: messages, temporaryFolder: scratch.path)
        guard status == 0 else {
            let last = (try? InputText.lines(of: messages).last) ?? ""
            throw Failure(.badData, "\(step.commandLine): it ended with \(status): \(last)")
        }
        do {
            let digest = try ArtifactFile(whole: output).header.digest
            made[digest] = output
            return digest
        } catch {
            throw Failure(.badData, "\(step.commandLine): \(error.message)")
        }
    }

    /// Where a step's input is: made again, or still in its place.
    private func path(of input: ProvenanceStep.Input) throws(Failure) -> String {
        guard ArtifactKind(rawValue: input.kind) != nil, let digest = input.digest else {
            return input.path
        }
        if let path = made[digest] { return path }
        let path = ReferencedFiles.withoutRun(input.path)
        if path != "-", let file = try? ArtifactFile(whole: path), file.header.digest == digest {
            return path
        }
        throw Failure(
            .missingInput,
            "its \(input.name) (\(input.path), digest \(digest.prefix(16))...) wasn't made again, and "
                + "isn't in its place")
    }

    /// What was another then: version, number type, kernels.
    private static func difference(_ step: ProvenanceStep, path: String?) -> String {
        guard let path, let now = try? ArtifactFile(whole: path).provenance().records.last?.step
        else { return "" }
        let parts = [
            ("version", step.version, now.version),
            ("number type", step.dtype ?? "none", now.dtype ?? "none"),
            ("kernels", step.blasKernel ?? "none", now.blasKernel ?? "none"),
        ].filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1) then, \($0.2) now" }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
    }
}
