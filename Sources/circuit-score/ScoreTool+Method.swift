import ArgumentParser
import Basics
import Discovery
import Graphs
import Tasks
import ToolSupport

/// From the options to a scoring method.
extension ScoreTool {
    /// A method with the parameters that the options give it, but for a circuit, which has to be read
    /// for a graph.
    /// - Throws: usage errors for options that the method has no use for, and values that make no
    ///   sense.
    func configured(_ type: any ScoringMethod.Type) throws -> any ScoringMethod {
        try refuseOptions(withoutUseFor: type)
        var method: any ScoringMethod = type.init()
        method.set(.steps, to: steps)
        method.set(.seed, to: seed.seed)
        method.set(
            .receivers, to: receivers.map { CommaList($0, keepsEmptyParts: true).parts })
        method.set(.optimizationSteps, to: training.optimizationSteps)
        method.set(.learningRate, to: training.learningRate)
        method.set(.lambda, to: training.lambda)
        method.set(.targetSparsity, to: training.targetSparsity)
        try method.checkParameters()
        return method
    }

    /// Refuses the options that are parameters of other methods only.
    private func refuseOptions(withoutUseFor type: any ScoringMethod.Type) throws {
        let given = GivenOptions.ofThisRun
        let useless = ScoringMethods.parameterNames.filter {
            given.contains($0) && !type.parameterNames.contains($0)
        }
        for name in useless where name != "steps" {
            let takers = ScoringMethods.names(taking: name)
            switch name {
            case "seed":
                try given.refuse(
                    [name], because: "the method \(type.name) draws no random numbers")
            case "circuit", "receivers":
                try given.refuse(
                    [name], because: "it goes with \(Self.list(takers)), not with \(type.name)")
            default:
                throw ValidationError(
                    "--\(name) goes with \(takers.joined(separator: ", ")), not with \(type.name)")
            }
        }
        // A note only: scripts may give the steps whatever the method is.
        if useless.contains("steps") {
            verbosity.note("--steps has no use: \(type.name) doesn't integrate")
        }
    }

    /// Warns where the metric's gradient is zero in the only run that the method looks at.
    func warnOfZeroGradient(_ type: any ScoringMethod.Type, _ metric: Metric) {
        guard metric.isDistance, type.usesCleanGradientOnly, circuit == nil else { return }
        Console.warning(
            "the gradient of \(metric.label) is zero on the clean run, the only one that "
                + "\(type.name) looks at, so all scores are zero but for rounding: take "
                + EAPIGInputs.name)
    }

    /// `a, b and c`
    static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
