package import ArgumentParser
import Basics
package import Engine
package import Experiments
package import Graphs
package import Models
package import Tasks
package import ToolSupport

/// What distinguishes the experiments of one tool from those of others: defaults and help texts.
package protocol ExperimentPurpose {
    /// The metric if none is given.
    static var metric: Metric { get }
    /// What the help says of `--ablation`.
    static var ablationHelp: String { get }
}

extension ExperimentPurpose {
    package static var ablationHelp: String { "What a cut edge carries: \(Ablation.listOfNames)." }
}

/// `--metric`, `--ablation`, how the constants of optimal ablation are fitted, and `--ungroup-kv`:
/// what makes an experiment of a model and pairs.
package struct ExperimentOptions<Purpose: ExperimentPurpose>: ParsableArguments {
    /// What circuits are judged by.
    @Option(help: "The metric: \(Metric.help).")
    package var metric = Purpose.metric

    /// What takes the place of an output.
    @Option(help: ArgumentHelp(Purpose.ablationHelp))
    package var ablation = Ablation.resample

    /// How the constants of optimal ablation are fitted.
    @OptionGroup package var optimal: OptimalAblationOptions

    /// How heads that share keys and values are cut into receivers.
    @OptionGroup package var grouping: GroupingOptions

    /// Options as the parser fills them.
    package init() {}

    /// Refuses options of fitting without optimal ablation. A tool asks this where it is known that
    /// there is an experiment: elsewhere none of these options has a use, which is the better answer.
    package func requireUse() throws {
        try optimal.validate(with: ablation)
    }

    /// The graph of a model.
    package func graph(of configuration: ModelConfiguration) -> ComputationalGraph {
        grouping.graph(of: configuration)
    }

    /// The experiment of these options on pairs.
    /// - Throws: `Failure`: see ``Experiments/Experiment`` and ``PairInput``.
    package func open(
        _ pairs: PairInput, with transformer: Transformer, verbosity: VerbosityOptions
    ) throws -> Experiment {
        try Experiment(
            pairs, graph: graph(of: transformer.configuration), transformer: transformer,
            metric: metric, ablation: ablation, optimal: optimal, verbosity: verbosity)
    }
}

extension Experiment {
    /// A model on the pairs of a file: with their activations, and with fitted constants where the
    /// ablation needs them.
    /// - Throws: `Failure`: what the activations, the fit and the experiment throw.
    package init(
        _ pairs: PairInput, graph: ComputationalGraph, transformer: Transformer, metric: Metric,
        ablation: Ablation, optimal: OptimalAblationOptions, verbosity: VerbosityOptions
    ) throws {
        let activations = try optimal.fit(
            ablation, of: graph, to: pairs.activations(with: transformer, for: metric),
            with: transformer, verbosity: verbosity)
        try self.init(
            graph, transformer: transformer, metric: metric, activations: activations,
            ablation: ablation)
    }
}

// Choices that options take by name.
extension Metric: ChoiceArgument {}
extension Ablation: ChoiceArgument {}
extension GraphLevel: ChoiceArgument {}
