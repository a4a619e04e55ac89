import ArgumentParser
package import Artifacts
import CircuitRuns
package import Engine
package import Experiments
import Foundation
package import Graphs
package import ToolSupport

/// `--ablation-steps` and `--ablation-seed`: how the constants of `--ablation optimal` are fitted.
package struct OptimalAblationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Steps of fitting the constants of --ablation optimal (default: "
                + "\(OptimalAblation.Options().steps)).",
            valueName: "count"))
    var ablationSteps: Int?

    @Option(
        help: ArgumentHelp(
            "Seed of the circuits that they are fitted on (default: "
                + "\(OptimalAblation.Options().seed)).",
            valueName: "seed"))
    var ablationSeed: UInt64?

    /// Options as the parser fills them.
    package init() {}

    /// Refuses these options without optimal ablation, and a number of steps that can't be.
    package func validate(with ablation: Ablation) throws {
        if ablation != .optimal, ablationSteps != nil || ablationSeed != nil {
            throw ValidationError(
                "--ablation-steps and --ablation-seed go with --ablation optimal, not with "
                    + ablation.rawValue)
        }
        if let ablationSteps, !(0...1_000_000).contains(ablationSteps) {
            throw ValidationError(
                "--ablation-steps must be from 0 to 1000000, not \(ablationSteps)")
        }
    }

    /// The same options, taken where they weren't given from the step that fitted the constants of
    /// what a chain of steps made: a circuit is judged with the constants it was found with.
    package func following(_ provenance: Provenance) -> OptimalAblationOptions {
        let steps = provenance.records.compactMap(\.step).map { GivenOptions($0.arguments) }
        guard let fit = steps.last(where: { $0.value(of: "ablation") == Ablation.optimal.rawValue })
        else { return self }
        var options = self
        options.ablationSteps = ablationSteps ?? fit.value(of: "ablation-steps").flatMap { Int($0) }
        options.ablationSeed = ablationSeed ?? fit.value(of: "ablation-seed").flatMap { UInt64($0) }
        return options
    }

    /// The seed, if the ablation draws random numbers.
    package func seed(for ablation: Ablation) -> Int? {
        ablation == .optimal ? Int(truncatingIfNeeded: settings.seed) : nil
    }

    /// How constants are fitted by these options.
    private var settings: OptimalAblation.Options {
        var settings = OptimalAblation.Options()
        settings.steps = ablationSteps ?? settings.steps
        settings.seed = ablationSeed ?? settings.seed
        return settings
    }

    /// Fits the constants where `ablation` needs them, and says what they are worth.
    /// - Returns: the activations, with the constants.
    /// - Throws: what `OptimalAblation` throws.
    package func fit(
        _ ablation: Ablation, of graph: ComputationalGraph, to activations: PairActivations,
        with transformer: Transformer, verbosity: VerbosityOptions
    ) throws -> PairActivations {
        guard ablation == .optimal else { return activations }
        let options = settings
        let fit = try OptimalAblation(
            graph, transformer: transformer, activations: activations, options: options)
        let meter = ProgressMeter(
            "ablation steps", total: options.steps, verbosity: verbosity.level)
        let result = fit.fit { step in
            meter.update(
                completed: step.number, note: String(format: "loss %.4g", step.loss))
        }
        meter.finish()
        verbosity.note(
            String(
                format: "optimal ablation: random circuits have a KL divergence of %.4g, "
                    + "%.4g with the means (\(options.steps) steps, seed \(options.seed))",
                result.loss, result.lossOfMeans))
        var fitted = activations
        fitted.constants = result.constants
        return fitted
    }
}
