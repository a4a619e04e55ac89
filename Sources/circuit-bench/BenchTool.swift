import ArgumentParser
import Artifacts
import Discovery
import Engine
import Experiments
import Foundation
import Graphs
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Measures the engine on this machine: the peak of its matrix products, the forward pass, and the
/// scores of all edges.
@main
struct BenchTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-bench",
        abstract: "Measure the engine here: matrix products, forward passes, edge scores.",
        discussion:
            "Prints JSON: the best of the repeats after a first run, in seconds, and rates. "
            + "tools/bench puts it in a table.",
        examples: [
            "circuit-bench --repeats 5 dataset.h5", "circuit-bench --storage /tmp cache.h5",
        ])

    @OptionGroup var input: InputArgument
    @OptionGroup var model: ModelOptions

    @Option(help: "How often each thing is measured; the best counts.")
    var repeats = 5

    @Flag(
        help: "Also score all edges, by EAP and EAP-IG: the pairs need answers and wrong answers.")
    var scores = false

    @Flag(
        help: ArgumentHelp(
            "Measure the processor time of all threads instead of the time that passes: for a "
                + "machine that others use, too."))
    var processorTime = false

    @Option(
        help: ArgumentHelp(
            "Measure instead how fast the activations of a cache are written to this folder and read, "
                + "plain and as caches.", valueName: "folder"))
    var storage: String?

    @OptionGroup var grouping: GroupingOptions
    @OptionGroup var threads: ThreadOptions

    private struct Figures: Encodable {
        var threads: Int
        var kernels: String
        var sgemmGflops: Double
        var loadSeconds: Double
        var pairs: Int
        var tokens: Int
        var forwardSeconds: Double
        var forwardLastSeconds: Double
        var trunkSeconds: Double
        /// By method, with the forward passes that they need.
        var scoringSeconds: [String: Double]?
        /// The rate of the matrix products in them, from the same repeat.
        var scoringGflops: [String: Double]?
    }

    func validate() throws {
        if repeats < 1 { throw ValidationError("--repeats must be at least 1") }
        if grouping.ungroupKv, !scores { throw ValidationError("--ungroup-kv goes with --scores") }
    }

    func run() throws {
        if let storage { return try measureStorage(in: storage) }
        let pairs = try PairInput(input.open())
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        let start = now
        let transformer = try threads.transformer(of: source)
        let load = now - start
        let scoring =
            try scores
            ? scoring(of: grouping.graph(of: source.configuration), pairs, transformer) : nil
        let pool = transformer.pool
        let prompts = pairs.dataset.clean.ids
        let figures = Figures(
            threads: pool.threads, kernels: BLAS.kernel,
            sgemmGflops: 2 * pow(1024, 3) * 8 / best { Self.multiply(8, pool) } / 1e9,
            loadSeconds: load, pairs: prompts.count, tokens: prompts.reduce(0) { $0 + $1.count },
            forwardSeconds: try best { _ = try transformer.logits(of: prompts, rows: .all) },
            forwardLastSeconds: try best { _ = try transformer.logits(of: prompts) },
            trunkSeconds: try best { _ = try transformer.logits(of: prompts, rows: .none) },
            scoringSeconds: scoring?.mapValues(\.seconds),
            scoringGflops: scoring?.mapValues { $0.operations / $0.seconds / 1e9 })
        try print(figures)
    }

    private func print(_ figures: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try StandardOutput.print(String(decoding: encoder.encode(figures), as: UTF8.self))
    }

    private func measureStorage(in folder: String) throws {
        var bench = try StorageBench(ActivationCache(input.open()), in: folder)
        try bench.run(repeats: repeats, levels: [1, 4, 9])
        try print(bench.figures)
    }

    /// What the scores of all edges take by EAP and by EAP-IG of inputs with 5 steps, and how many
    /// operations of matrix products.
    private func scoring(
        of graph: ComputationalGraph, _ pairs: PairInput, _ transformer: Transformer
    ) throws -> [String: (seconds: Double, operations: Double)] {
        var found: [String: (Double, Double)] = [:]
        let methods: [any ScoringMethod] = [EAP(), EAPIGInputs(steps: 5)]
        for method in methods {
            var operations = 0.0
            let seconds = try best {
                let before = transformer.pool.meter?.operations ?? 0
                _ = try AttributionScorer(
                    graph, transformer: transformer, metric: .logitDifference,
                    running: pairs.dataset, by: method
                ).scores()
                operations = (transformer.pool.meter?.operations ?? 0) - before
            }
            found[method.name] = (seconds, operations)
        }
        return found
    }

    /// The least time that `body` takes in seconds, after a first run that doesn't count.
    private func best(_ body: () throws -> Void) rethrows -> Double {
        try body()
        var best = Double.infinity
        for _ in 0..<repeats {
            let start = now
            try body()
            best = min(best, now - start)
        }
        return best
    }

    /// Seconds since some point in time, of the wall clock or of this process on all processors.
    private var now: Double {
        let clock = processorTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// `count` products of 1024 x 1024 matrices, spread over the pool.
    private static func multiply(_ count: Int, _ pool: WorkerPool) {
        let size = 1024
        let matrix = FloatBuffer(zeros: size * size)
        let weight = Weight(
            values: matrix.values, inputs: size, outputs: size, layout: .outputMajor)
        pool.run(count) { _, _ in
            let product = FloatBuffer(count: size * size)
            weight.apply(
                matrix.values, stride: size, to: product.values, stride: size, rows: size)
        }
    }
}
