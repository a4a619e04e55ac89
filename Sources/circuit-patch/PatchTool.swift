import ArgumentParser
import Artifacts
import Basics
import Discovery
import Experiments
import Foundation
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Puts activations of one run into the other and measures what that changes.
@main
struct PatchTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-patch",
        abstract: "Patch activations of a model, or single edges, and measure the effect of each.",
        discussion: """
            Activation patching replaces an activation by that of the other run, path patching \
            (--edges) what one node sends to one other. Noising puts corrupted activations into the \
            clean run, denoising clean ones into the corrupted run. circuit-show draws the effects \
            as a heat map.
            """,
        examples: [
            "circuit-patch ioi.h5 -o effects.h5",
            "circuit-patch --site z --direction denoising ioi.h5 | circuit-show --normalize -",
            "circuit-patch --positions named ioi.h5 | circuit-show --svg effects.svg -",
            "circuit-patch --site mlp_out --positions IO,S2,end --components 'm1?' ioi.h5 -o m.h5",
            "circuit-patch --edges 'a*->logits,*->a20.h1<q>' ioi.h5 | circuit-show --top 20 -",
            "circuit-pairs ioi --model smollm2 -n 16 | circuit-patch - | circuit-show --svg p.svg -",
        ])

    @Argument(
        help: "A dataset, or an activation cache with one in it; '-' is standard input.",
        completion: .file(extensions: ["h5"]))
    var input = "-"

    @OptionGroup var output: OutputOptions
    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "What is patched.",
            discussion: "One of \(PatchSite.listOfNames), or a hook name such as attn.hook_z."))
    var site = PatchSite.residualPre

    @Option(
        help: ArgumentHelp(
            "Only components whose name fits, such as 'a9.*', separated by commas.",
            valueName: "globs"))
    var components: String?

    @Option(
        help: ArgumentHelp(
            "Patch edges instead: those whose name fits, such as 'm*->a9.h6<q>'.",
            valueName: "globs"))
    var edges: String?

    @Option(
        help: ArgumentHelp(
            "Where: 'all' at once, 'each' or 'named' ones by themselves, or a list: end,IO,0:5.",
            discussion: """
                By default each for the residual stream, attn_out and mlp_out, else all. Named positions \
                (IO, S1, S2, end) are gathered across pairs that have them at different places.
                """,
            valueName: "list"))
    var positions: String?

    @Option(help: "noising (corrupted into clean) or denoising (clean into corrupted).")
    var direction = PatchDirection.noising

    @OptionGroup var experiment: ExperimentOptions<Patching>
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if edges != nil, components != nil {
            throw ValidationError("--edges and --components can't both be given")
        }
        if edges != nil {
            try GivenOptions.ofThisRun.refuse(["site"], because: "--edges says what is patched")
        }
        if experiment.grouping.ungroupKv, edges == nil {
            throw ValidationError("--ungroup-kv goes with --edges")
        }
    }

    func run() throws {
        try experiment.requireUse()
        try PatchedPairs.check(experiment.ablation, direction)
        let destination = try output.destination(keeping: input, model.model)
        let input = try PairInput(ArtifactFile(input), readsCache: false)
        let dataset = input.dataset
        let source = try model.source(of: dataset.model, namedBy: input.source)
        try destination.check(keeps: [source.path])
        let targets = try targets(in: source.configuration)
        let positions = try positions(in: dataset)
        if chosenPositions == "each" { input.warnOfMovingPositions() }

        let transformer = try threads.transformer(of: source)
        try PatchedPairs.validate(dataset, with: transformer)
        let pairs = try PatchedPairs(
            experiment.open(input, with: transformer, verbosity: verbosity), direction: direction)
        let meter = ProgressMeter("patches", total: 0, verbosity: verbosity.level)
        func report(_ names: [String]) -> (PatchProgress) -> Void {
            { progress in
                let note = progress.largest.map {
                    String(format: "largest %.2f at ", $0.value)
                        + "\(names[$0.component]), \(positions.labels[$0.position])"
                }
                meter.update(completed: progress.done, total: progress.total, note: note)
            }
        }
        let reference = try source.reference()
        let effects: PatchEffectsArtifact
        switch targets {
        case .components(let components):
            let patching = ActivationPatching(pairs, components: components, positions: positions)
            effects = try patching.run(progress: report(components.map(\.name))).artifact(
                of: pairs, level: "node", site: site.artifactName,
                components: components.map { ($0.name, $0.layer) }, positions: positions,
                model: reference, datasetDigest: input.datasetDigest)
        case .edges(let edges):
            let patching = PathPatching(pairs, edges: edges, positions: positions)
            let names = patching.components.map(\.name)
            effects = try patching.run(progress: report(names)).artifact(
                of: pairs, level: "edge", site: "edge", components: patching.components,
                positions: positions, model: reference, datasetDigest: input.datasetDigest)
        }
        meter.finish()
        try effects.write(
            to: destination,
            provenance: Provenance.appending(
                .thisRun(
                    inputs: input.inputs + [source.input()], of: source,
                    seed: experiment.optimal.seed(for: experiment.ablation), threads: threads),
                to: [input.provenance]))
    }

    /// What is patched.
    private enum Targets {
        case components([PatchComponent])
        /// By number in the model's graph.
        case edges([Int])
    }

    private func targets(in configuration: ModelConfiguration) throws -> Targets {
        if let edges {
            return .edges(
                try PathPatching.edges(
                    of: experiment.graph(of: configuration), matching: CommaList(edges).parts))
        }
        let all = try site.components(in: configuration)
        guard let components else { return .components(all) }
        let chosen = try NamePattern.matches(
            of: CommaList(components).parts, among: all.map(\.name)
        ) {
            "no component at \(site.rawValue) is named '\($0)'; they are named such as "
                + "\(all.last?.name ?? "")"
        }
        return .components(chosen.map { all[$0] })
    }

    /// The option, or what is chosen without it.
    private var chosenPositions: String {
        positions ?? (edges == nil && site.isPerPosition ? "each" : "all")
    }

    private func positions(in dataset: DatasetArtifact) throws -> PatchPositions {
        switch chosenPositions {
        case "all": .together
        case "each": try PatchPositions(.all, in: dataset)
        case "named": try PatchPositions(namedIn: dataset)
        case let list: try PatchPositions(PositionSelection(list), in: dataset)
        }
    }
}

extension PatchSite: ChoiceArgument {}
extension PatchDirection: ChoiceArgument {}

/// Experiments whose runs are patched.
enum Patching: ExperimentPurpose {
    static let metric = Metric.logitDifference
    static let ablationHelp =
        "What is put in: resample (the other run's), zero, mean, mean-positional or optimal."
}
