import ArgumentParser
import Basics
import Discovery
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

    func validate() throws {
        if logits < 1 { throw ValidationError("--logits must be at least 1") }
        if !(logitMass > 0 && logitMass <= 1) {
            throw ValidationError("--logit-mass must be above 0 and at most 1, not \(logitMass)")
        }
        if targets != nil {
            try GivenOptions.ofThisRun.refuse(
                ["logits", "logit-mass"], because: "--targets says what is explained")
            _ = try choices()
        }
    }

    /// The targets of one's choice; nil for the likeliest logits.
    func choices() throws -> [TargetChoice]? {
        guard let targets else { return nil }
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
