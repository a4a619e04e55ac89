import ArgumentParser
import Artifacts
import Basics
import Discovery
import Engine
import Graphs
import ModelToolSupport
import Models
import Tokenization
import ToolSupport

/// Traces a prompt through the features of transcoders.
@main
struct TraceTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-trace",
        abstract: "Make the attribution graph of a prompt: which features lead to its answer.",
        discussion: """
            Transcoders stand for a model's MLPs; their active features, the tokens, the errors of \
            the reconstruction and the likeliest logits are nodes, joined by direct effects with \
            attention patterns, norms and errors held constant. The numbers are those of \
            circuit-tracer. Several prompts go into one file.
            """,
        examples: [
            "circuit-trace --model gemma-2-2b --transcoders ./gemmascope "
                + "'The capital of Texas is' -o graph.h5",
            "circuit-trace --model ./m --transcoders ./set --ids 2,17,93 -o graph.h5",
            "circuit-trace --model ./m --transcoders ./set --max-features 7500 'Hello' "
                + "| circuit-show -",
            "circuit-trace --transcoders ./set --pair 0 --both ioi.h5 -o pair.h5",
            "circuit-trace --transcoders ./set --pair 0:32 ioi.h5 -o graphs.h5",
            "circuit-trace --model ./m --transcoders ./set --verify 10 'Hello' -o graph.h5",
            "circuit-trace --model ./m --transcoders ./set --head-loadings 'Hello' | circuit-show -",
            "circuit-show --json graph.h5 | jq '.nodes[] | select(.kept)'",
        ])

    @Argument(help: "Prompts as text; with --pair, a dataset ('-' is standard input).")
    var prompts: [String] = []

    @OptionGroup var ids: IDsOptions

    @Option(
        help: ArgumentHelp(
            "Pairs of the dataset, counted from 0: 3, 0,2,5, a range such as 0:8 (8 not included), or "
                + "all. Can be given several times.", valueName: "numbers"))
    var pair: [String] = []

    @Flag(help: "Trace the corrupted prompts of the pairs, not the clean ones.")
    var corrupted = false

    @Flag(help: "Trace both prompts of each pair.")
    var both = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var transcoders: TranscoderOptions
    @OptionGroup var targets: TargetOptions

    @Option(help: "The most features to make nodes of, by influence (default: all active ones).")
    var maxFeatures: Int?

    @Option(help: "With --max-features: rows of a batch.")
    var batchSize = 256

    @Option(help: "With --max-features: rank features anew after so many batches.")
    var updateInterval = 4

    @Option(help: "Keep the nodes that have this share of the influence.")
    var nodeThreshold = 0.8

    @Option(help: "Keep the edges between them that have this share of the score.")
    var edgeThreshold = 0.98

    @Option(
        help: ArgumentHelp(
            "Ablate the most influential features, this many, and print what the graph predicts and "
                + "what is measured.", valueName: "features"))
    var verify: Int?

    @Flag(help: "Say which attention heads carry each kept edge, and how much of it.")
    var headLoadings = false

    @OptionGroup var bos: BOSOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func run() throws {
        let destination = try output.destination(
            keeping: pair.isEmpty ? nil : prompts.first, model.model, transcoders.transcoders)
        let dataset = try pair.isEmpty ? nil : DatasetArtifact.read(from: prompts[0])
        let source = try model.source(of: dataset)
        try destination.check(keeps: [source.path])
        let set = try transcoders.set(for: source)
        let traced = try tracedPrompts(of: dataset, by: source)
        let transformer = try threads.transformer(of: source, releasingPages: true)
        for prompt in traced {
            try transformer.validate([prompt.ids]) { _ in prompt.place }
        }
        warn(traced, source, set)
        var artifact = AttributionGraphArtifact(
            model: try source.reference(), transcoders: try set.reference(),
            layerCount: source.configuration.nLayers, settings: settings,
            datasetDigest: dataset?.digest)
        let tokenizer = source.tokenizerForSpelling()
        for prompt in traced {
            let (graph, sources, attributed) = try trace(
                prompt, with: transformer, set, spelling: { tokenizer?.token(for: $0) })
            artifact.append(
                graph, name: prompt.name, spelling: { tokenizer?.token(for: $0) },
                targetTexts: attributed.texts { tokenizer?.token(for: $0) },
                loadings: headLoadings
                    ? { kept in
                        let meter = ProgressMeter(
                            "passes for head loadings", total: 0, verbosity: verbosity.level)
                        defer { meter.finish() }
                        return HeadLoadings(graph, sources, targets: attributed).loadings(
                            progress: { meter.advance(by: $0, of: $1) }, ofEdges: { kept[$0] })
                    } : nil)
        }
        try artifact.write(
            to: destination,
            provenance: Provenance.appending(
                .thisRun(
                    inputs: [source.input(), set.input()]
                        + (dataset.map { [$0.input("dataset")] } ?? []),
                    of: source, threads: threads),
                to: dataset.map { [$0.provenance] } ?? []))
    }

    private var settings: AttributionGraphArtifact.Settings {
        let isChosen = targets.areChosen
        return AttributionGraphArtifact.Settings(
            logitCount: isChosen ? nil : targets.logits,
            logitMass: isChosen ? nil : targets.logitMass, maxFeatures: maxFeatures,
            batchSize: maxFeatures == nil ? nil : batchSize,
            updateInterval: maxFeatures == nil ? nil : updateInterval,
            nodeThreshold: nodeThreshold, edgeThreshold: edgeThreshold)
    }

    private func tracedPrompts(
        of dataset: Artifact<DatasetArtifact>?, by source: ModelSource
    ) throws -> [TracedPrompt] {
        guard let dataset else {
            return try TracedPrompt.given(
                texts: prompts, ids: ids.ids, by: source, addBOS: bos.bos)
        }
        return try TracedPrompt.ofPairs(
            pairNumbers(of: dataset.content), sides: both ? [false, true] : [corrupted],
            of: dataset.content,
            in: dataset.source)
    }

    /// The numbers of the pairs that `--pair` names, in its order.
    private func pairNumbers(of dataset: DatasetArtifact) throws -> [Int] {
        try pair.flatMap { value in
            value == "all"
                ? Array(0..<dataset.pairCount)
                : try NumberList(value, option: "--pair", noun: "pair").numbers
        }
    }

    /// Says what a set expects of prompts that these haven't.
    private func warn(_ prompts: [TracedPrompt], _ source: ModelSource, _ set: TranscoderSet) {
        func say(_ warned: [TracedPrompt], _ what: String) {
            guard let first = warned.first else { return }
            let others = warned.count - 1
            Console.warning(
                "\(first.place)\(others > 0 ? ", and \(others) other prompts: " : ": ")\(what)"
            )
        }
        if let bos = source.beginningToken {
            say(
                prompts.filter { $0.ids.first != bos },
                "no BOS (token \(bos)) at the start, with which transcoders are trained; the first "
                    + "position has no features")
        }
        say(
            prompts.filter { $0.ids.count <= set.quietPositionCount },
            "no position has features: the first \(set.quietPositionCount) have none")
    }

    private func trace(
        _ prompt: TracedPrompt, with transformer: Transformer, _ set: TranscoderSet,
        spelling: (Int32) -> String?
    ) throws -> (FeatureGraph, FeatureSources, AttributionTargets) {
        let start = ContinuousClock.now
        let run = try FrozenRun(
            prompt.ids, with: transformer, outputHook: set.outputHook, releasingWeights: true)
        let sources = try FeatureSources(run, set)
        let chosen = try targets.choices()
        let attributed =
            try chosen.map { (choices) throws(Failure) in
                try AttributionTargets(choices, after: run)
            }
            ?? AttributionTargets(
                likeliest: targets.logits, mass: targets.logitMass, after: run)
        let count = min(maxFeatures ?? sources.features.count, sources.features.count)
        let meter = ProgressMeter(
            "rows", total: attributed.targets.count + count, verbosity: verbosity.level)
        let rowStart = ContinuousClock.now
        let graph = try FeatureGraphBuilder(sources, targets: attributed).graph(
            FeatureGraphBuilder.Limit(
                features: maxFeatures, batchSize: batchSize, updateInterval: updateInterval)
        ) { meter.advance(by: $0) }
        meter.finish()
        let seconds = (ContinuousClock.now - rowStart) / .seconds(1)
        verbosity.detail(
            "\(prompt.place): \(prompt.ids.count) tokens, \(sources.features.count) active features, "
                + "\(count + attributed.targets.count) rows and \(graph.effects.count) edges, "
                + "\(ContinuousClock.now - start), "
                + "\(Int(Double(count + attributed.targets.count) / seconds)) rows a second")
        if count < sources.features.count {
            verbosity.note(
                "\(prompt.place): \(count) of \(sources.features.count) active features are nodes; the "
                    + "scores with the others counted as errors are in the file, too")
        }
        if let verify {
            let verified = try GraphVerification(graph, sources, targets: attributed)
                .verify(verify)
            let text = attributed.texts(spelling)[0]
            try StandardOutput.print(
                VerificationTable(prompt: prompt, graph, verified, targetText: text).text)
        }
        return (graph, sources, attributed)
    }
}

extension ModelOptions {
    /// The model that `--model` names, or that of a dataset.
    fileprivate func source(of dataset: Artifact<DatasetArtifact>?) throws -> ModelSource {
        guard let dataset else { return try ModelSource(model ?? "") }
        return try source(of: dataset.content.model, namedBy: dataset.source)
    }
}
