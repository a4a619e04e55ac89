import ArgumentParser
import Basics
import Discovery
import Models
import ToolSupport

/// What the graph explains: the likeliest logits, or targets of one's choice.
struct TargetOptions: ParsableArguments {
    @Option(help: "The most logits to explain, likeliest first.")
    var logits = 10

    @Option(help: "Explain only as many as have this probability together.")
    var logitMass = 0.95

    @Option(
        help: ArgumentHelp(
            "Explain these instead: token ids, and differences of two such as 275-319.",
            valueName: "list"))
    var targets: String?

    @Option(
        help: ArgumentHelp(
            "Explain the vectors of a safetensors or .npy file, with --targets or alone.",
            discussion: """
                Each tensor [d_model] is a target of weight 1, logits.NAME: a direction at the output of the \
                final norm, as a column of the unembedding is. An array of a .npy file is named after the \
                file. Can be given several times.
                """,
            valueName: "file"),
        completion: .file(extensions: ["safetensors", "npy"]))
    var targetVectors: [String] = []

    /// Whether targets were chosen, not the likeliest logits.
    var areChosen: Bool { targets != nil || !targetVectors.isEmpty }

    func validate() throws {
        if logits < 1 { throw ValidationError("--logits must be at least 1") }
        if !(logitMass > 0 && logitMass <= 1) {
            throw ValidationError("--logit-mass must be above 0 and at most 1, not \(logitMass)")
        }
        if areChosen {
            try GivenOptions.ofThisRun.refuse(
                ["logits", "logit-mass"],
                because: "--targets and --target-vectors say what is explained")
        }
        _ = try tokens()
    }

    /// The targets of one's choice; nil for the likeliest logits.
    func choices() throws -> [TargetChoice]? {
        guard areChosen else { return nil }
        let choices = try tokens() + targetVectors.flatMap { try Self.vectors(in: $0) }
        if let repeated = Dictionary(grouping: choices, by: \.label)
            .first(where: { $0.value.count > 1 })
        {
            throw Failure(.usage, "two targets are named \(repeated.key)")
        }
        return choices
    }

    /// The vectors of a file, by name.
    private static func vectors(in path: String) throws -> [TargetChoice] {
        let file: any TensorFile =
            path.hasSuffix(".npy")
            ? try NumpyArchive(array: path) : try Safetensors(path: path)
        guard !file.names.isEmpty else { throw Failure(.badData, "\(path): it has no tensor") }
        return try file.names.map { name in
            let (values, shape) = try file.values(of: name)
            guard shape.count == 1 else {
                throw Failure(
                    .badData,
                    "\(path): \(name) has the shape \(shape), and a target is a vector [d_model]")
            }
            guard values.allSatisfy(\.isFinite) else {
                throw Failure(.badData, "\(path): \(name) has a value that isn't a finite number")
            }
            guard !name.isEmpty, values.contains(where: { $0 != 0 }) else {
                throw Failure(
                    .badData,
                    "\(path): "
                        + (name.isEmpty ? "a tensor has no name" : "\(name) is 0 everywhere")
                        + ", so it is no target")
            }
            return .direction(name, values)
        }
    }

    private func tokens() throws -> [TargetChoice] {
        guard let targets else { return [] }
        let parts = CommaList(targets).parts
        if parts.isEmpty { throw ValidationError("--targets names no token") }
        let choices = try parts.map { part in
            let ids = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { Int32($0.hasPrefix("t") ? $0.dropFirst() : $0) }
            switch (ids.count, ids.first ?? nil, ids.last ?? nil) {
            case (1, let id?, _): return TargetChoice.token(id)
            case (2, let first?, let second?) where first != second:
                return .difference(first, second)
            case (2, let first?, _?):
                throw ValidationError(
                    "--targets: '\(part)' is token \(first) less itself, which nothing explains")
            default:
                throw ValidationError(
                    "--targets: '\(part)' is neither a token id nor a difference such as 275-319")
            }
        }
        if Set(choices).count < choices.count {
            throw ValidationError("--targets names a target twice")
        }
        return choices
    }
}
