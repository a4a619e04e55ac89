import ArgumentParser
import Artifacts
import Basics
import Discovery
import Engine
import Experiments
import Graphs
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Puts activations of one run into the other and measures what that changes.
@main
struct CircuitPatch: CircuitTool {
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
            "circuit-patch --site z --direction denoising ioi.h5 | circuit-show -",
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
            discussion: "One of " + PatchSite.allCases.map(\.rawValue).joined(separator: ", ")
                + ", or a hook name such as attn.hook_z."))
    var site = PatchSite.residualPre.rawValue

    @Option(
        help: ArgumentHelp(
            "Only components whose name fits, such as 'a9.*', parted by commas.",
            valueName: "globs"))
    var components: String?

    @Option(
        help: ArgumentHelp(
            "Patch edges instead: those whose name fits, such as 'm*->a9.h6<q>'.",
            valueName: "globs"))
    var edges: String?

    @Flag(name: .customLong("ungroup-kv"), help: "Give every head k and v inputs of its own.")
    var ungroupKV = false

    @Option(
        help: ArgumentHelp(
            "Where: 'all' at once, 'each' by itself, or some of them each: end,IO,0:5.",
            discussion: "By default each for the residual stream, attn_out and mlp_out, else all.",
            valueName: "list"))
    var positions: String?

    @Option(help: "noising (corrupted into clean) or denoising (clean into corrupted).")
    var direction = "noising"

    @Option(
        help: "What is put in: resample (the other run's), zero, mean, mean-positional or optimal.")
    var ablation = Ablation.resample.rawValue

    @OptionGroup var optimal: OptimalAblationOptions

    @Option(help: "The metric: \(Metric.listOfNames).")
    var metric = Metric.logitDifference.rawValue

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if edges != nil, components != nil {
            throw ValidationError("--edges and --components can't both be given")
        }
        if edges != nil {
            try GivenOptions.ofThisRun.refuse(["site"], because: "--edges says what is patched")
        }
        if ungroupKV, edges == nil { throw ValidationError("--ungroup-kv goes with --edges") }
    }

    func run() throws {
        let site = try PatchSite(named: site)
        let direction = try PatchDirection(named: direction)
        let ablation = try Ablation(named: ablation)
        try optimal.validate(with: ablation)
        let metric = try Metric(named: metric)
        let destination = try output.destination(keeping: input, model.model)
        let input = try PatchInput(input)
        let source = try model.source(of: input.dataset.content.model, namedBy: input.name)
        try destination.check(keeps: [source.path])
        let targets = try targets(site, in: source.configuration)
        let positions = try positions(site, in: input.dataset.content)

        let transformer = try Transformer(
            source.load(), pool: WorkerPool(threads: threads.count))
        let pairs = try PatchedPairs(
            input.dataset.content, transformer: transformer, metric: metric,
            direction: direction, ablation: ablation,
            constants: ablation == .optimal
                ? optimal.fit(
                    ablation,
                    of: ComputationalGraph(source.configuration, ungroupedKeyValue: ungroupKV),
                    to: PairActivations(running: input.dataset.content, with: transformer),
                    with: transformer, verbosity: verbosity
                ).constants : nil)
        let meter = ProgressMeter("patches", total: 0, verbosity: verbosity.level)
        let report = { (done: Int, total: Int) in meter.update(completed: done, total: total) }
        let reference = try source.reference()
        let effects: PatchEffectsArtifact
        switch targets {
        case .components(let components):
            let patching = ActivationPatching(pairs, components: components, positions: positions)
            effects = try patching.run(progress: report).artifact(
                of: pairs, level: "node", site: site.artifactName,
                components: components.map { ($0.name, $0.layer) }, positions: positions,
                model: reference, datasetDigest: input.dataset.digest)
        case .edges(let edges, let graph):
            let patching = PathPatching(pairs, graph: graph, edges: edges, positions: positions)
            let components = edges.map { edge in
                let receiver = graph.receivers[graph.receiver(ofEdge: edge)]
                return (name: graph.name(ofEdge: edge), layer: receiver.layer ?? -1)
            }
            effects = try patching.run(progress: report).artifact(
                of: pairs, level: "edge", site: "edge", components: components,
                positions: positions, model: reference, datasetDigest: input.dataset.digest)
        }
        meter.finish()
        try effects.write(
            to: destination,
            provenance: Provenance.appending(
                .thisRun(
                    inputs: [input.record, source.input()], modelDigest: source.digest(),
                    seed: optimal.seed(for: ablation),
                    dtype: "float32", blasKernel: BLAS.kernel, threads: threads.count),
                to: [input.provenance]))
    }

    /// What is patched.
    private enum Targets {
        case components([PatchComponent])
        case edges([Int], ComputationalGraph)
    }

    private func targets(
        _ site: PatchSite, in configuration: ModelConfiguration
    ) throws -> Targets {
        if let edges {
            let graph = ComputationalGraph(configuration, ungroupedKeyValue: ungroupKV)
            return .edges(
                try PathPatching.edges(of: graph, matching: Self.list(edges)), graph)
        }
        let all = try site.components(in: configuration)
        guard let components else { return .components(all) }
        let chosen = try NamePattern.matches(of: Self.list(components), among: all.map(\.name)) {
            "no component at \(site.rawValue) is named '\($0)'; they are named such as "
                + "\(all.last?.name ?? "")"
        }
        return .components(chosen.map { all[$0] })
    }

    private func positions(
        _ site: PatchSite, in dataset: DatasetArtifact
    ) throws -> PatchPositions {
        switch positions ?? (edges == nil && site.isPerPosition ? "each" : "all") {
        case "all": .together
        case "each": try PatchPositions(.all, in: dataset)
        case let list: try PatchPositions(PositionSelection(list), in: dataset)
        }
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map(String.init)
    }
}

/// The dataset that is patched: an artifact of its own, or what an activation cache was made from.
private struct PatchInput {
    let name: String
    let dataset: Artifact<DatasetArtifact>
    let provenance: Provenance
    let record: ProvenanceStep.Input

    init(_ argument: String) throws {
        let file = try ArtifactFile(argument)
        name = argument
        if file.header.kind == .activationCache {
            let cache = try ActivationCache(file)
            dataset = cache.dataset
            provenance = cache.provenance
            record = cache.input("cache")
        } else {
            dataset = try file.read(DatasetArtifact.self)
            provenance = dataset.provenance
            record = dataset.input("dataset")
        }
    }
}
