import ArgumentParser
package import Artifacts
import Basics
import Engine
import Experiments
import Foundation
import ModelToolSupport
import Models
import ToolSupport

/// Runs a model on pairs once and keeps what later steps need of it.
@main
struct CacheTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-cache",
        abstract: "Run a model on the pairs of a dataset and store its activations.",
        discussion: """
            Without --names it stores what every node adds to the residual stream: what \
            circuit-prune needs. A cache that is there already and holds the same is used again. \
            Activations lie in the file as /clean/HOOK and /corrupted/HOOK, [pair, position, ...] \
            (attention scores and patterns [pair, head, query, key]), and can be read with h5py. \
            Hooks have the names and the meaning of TransformerLens: docs/hooks.md lists them.
            """,
        examples: [
            "circuit-cache ioi.h5 -o cache.h5",
            "circuit-cache --names 'blocks.*.hook_resid_*' --positions IO,end ioi.h5 -o c.h5",
            "circuit-cache --names 'blocks.*.attn.hook_pattern,ln_final.hook_scale,unembed.hook_out' "
                + "--positions end ioi.h5 -o c.h5",
            "circuit-cache --dtype bfloat16 --compress ioi.h5 -o small.h5",
            "circuit-pairs ioi --model smollm2 -n 32 | circuit-cache - "
                + "| circuit-prune --threshold 0.02 - | circuit-show -",
        ])

    @OptionGroup var input: InputArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Hook names to store, with * and ?, separated by commas.",
            discussion: "Without it, the outputs of all nodes.", valueName: "globs"))
    var names: String?

    @Option(
        help: ArgumentHelp(
            "Positions to store: named ones, numbers (-1 is the last) and ranges such as 0:5.",
            discussion: "Without it, all.", valueName: "list"))
    var positions: String?

    @Option(help: "Number type: float32, bfloat16 or float16.")
    var dtype = ActivationPrecision.float32

    @Flag(help: "Compress: smaller, but no longer used in place.")
    var compress = false

    @Option(help: "Pairs in memory at a time (default: as many as take 64 MiB).")
    var batchSize: Int?

    @Flag(help: "Make the cache anew, though one is there that holds the same.")
    var force = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if let batchSize, batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
        if threads.precision.weights == .bfloat16 {
            throw ValidationError(
                "a cache doesn't say what the weights were: make it without --weights bfloat16, or "
                    + "give that to the tool that reads the dataset")
        }
    }

    func run() throws {
        let destination = try output.destination(keeping: input.input, model.model)
        let dataset = try DatasetArtifact.read(from: input.input)
        guard dataset.content.pairCount > 0 else {
            throw Failure(.badData, "\(dataset.source): it has no pairs; make some")
        }
        let source = try model.source(of: dataset.content.model, namedBy: dataset.source)
        try destination.check(keeps: [source.path])
        let patterns = CommaList(names ?? "").parts
        let points =
            patterns.isEmpty
            ? HookSelection.senders(of: source.configuration)
            : try HookSelection.points(matching: patterns, in: source.configuration)
        let selection = try positions.map(PositionSelection.init) ?? .all
        let description = ActivationCacheDescription(
            model: try source.reference(), datasetDigest: dataset.digest, precision: dtype,
            hooks: points.map(\.name), hookFilter: patterns, positionFilter: selection.texts,
            positions: try selection.positions(in: dataset.content))
        if !force, ActivationCache.isReusable(output.output, for: description) {
            verbosity.note(
                "\(output.output) holds this already: same model, dataset and options; not run "
                    + "again (--force would)")
            return
        }
        try record(points, description, of: dataset, with: source, to: destination)
    }

    private func record(
        _ points: [HookPoint], _ description: ActivationCacheDescription,
        of dataset: Artifact<DatasetArtifact>, with source: ModelSource,
        to destination: ArtifactOutput
    ) throws {
        let start = ContinuousClock.now
        let transformer = try threads.transformer(of: source)
        let recorder = try ActivationRecorder(
            points, at: description.positions, of: dataset.content, with: transformer,
            batchSize: batchSize)
        let size = recorder.valueCount * dtype.elementSize
        if size >= 1 << 30, !compress {
            verbosity.note(
                "\(output.output == "-" ? "standard output" : output.output) will have "
                    + "\(String(format: "%.1f", Double(size) / 1e9)) GB; fewer --names or "
                    + "--positions, or --dtype bfloat16, make it smaller")
        }
        let writer = try ActivationCacheWriter(
            to: destination, dataset: dataset, description: description, shapes: recorder.shapes,
            layout: compress ? .compressed(level: 4) : .contiguous, resuming: !force)
        sayWhatIsKept(by: writer)
        let meter = ProgressMeter(
            "prompts", total: 2 * dataset.content.pairCount, verbosity: verbosity.level)
        var valueCount = 0
        let pairCount = dataset.content.pairCount
        let isWritten = { (run: ActivationRun, pairs: Range<Int>) in
            writer.writtenPairs(of: run) >= pairs.upperBound
        }
        try recorder.run(except: isWritten) { batch in
            // Of a batch that was cut otherwise by the run which was stopped, the rest.
            let known = max(0, writer.writtenPairs(of: batch.run) - batch.pairs.lowerBound)
            // In the order of the model, so that of values that overflow the first is named.
            for point in points {
                guard let values = batch.activations[point] else { continue }
                valueCount += values.count
                let skipped = values.count / batch.pairs.count * known
                try writer.append(
                    UnsafeBufferPointer(
                        start: values.values + skipped, count: values.count - skipped),
                    to: point.name, run: batch.run)
            }
            meter.advance(by: batch.pairs.count)
        }
        meter.finish()
        try writer.finish(
            provenance: Provenance.appending(
                .thisRun(
                    inputs: [dataset.input("dataset"), source.input()], of: source,
                    threads: threads),
                to: [dataset.provenance]))
        verbosity.detail(
            "\(points.count) hooks, \(pairCount) pairs, "
                + "\(recorder.batches.count) batches, \(valueCount) values as \(dtype.rawValue), "
                + "\(ContinuousClock.now - start)")
    }
}

extension CacheTool {
    /// Says what was there of an earlier run, and, if this one is interrupted, what it leaves.
    fileprivate func sayWhatIsKept(by writer: ActivationCacheWriter) {
        guard let path = writer.partialPath else { return }
        let (clean, corrupted) = (
            writer.writtenPairs(of: .clean), writer.writtenPairs(of: .corrupted)
        )
        if clean + corrupted > 0 {
            verbosity.note(
                "going on after \(clean) clean and \(corrupted) corrupted prompts of a run that was "
                    + "stopped")
        }
        let command = ProvenanceStep.thisRun().commandLine
        Interruption.say {
            "interrupted; whole batches are kept in \(path), and the same command goes on after them: "
                + command
        }
    }
}

extension ActivationPrecision: ExpressibleByArgument {}
