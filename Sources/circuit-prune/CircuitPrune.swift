import ArgumentParser
import Artifacts
import Circuits
import Engine
import Models
import ToolSupport

/// Finds a circuit by ACDC.
@main
struct CircuitPrune: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-prune",
        abstract: "Find the circuit of a behaviour by ACDC: cut every edge the metric doesn't mind.",
        discussion: """
            Edges are tested from the output backwards (Conmy et al. 2023). An edge is cut if the \
            metric, which is minimised (logit-diff and prob-diff are negated), rises by less than \
            the threshold. The input is an activation cache, or a dataset, whose activations are \
            then computed here. A run that is broken off goes on where it stood when it is started \
            again with the same output file.
            """,
        examples: [
            "circuit-prune --threshold 0.02 --metric kl cache.h5 -o circuit.h5",
            "circuit-prune --threshold 0.1 --metric logit-diff --ungroup-kv cache.h5 -o c.h5",
            "circuit-pairs ioi --model smollm2 -n 32 | circuit-cache - | "
                + "circuit-prune --threshold 0.02 - | circuit-show -",
        ])

    @OptionGroup var input: InputArgument

    @Option(name: .shortAndLong, help: "Cut an edge if the metric rises by less than this.")
    var threshold: Double

    @Option(help: "The metric: \(Metric.allCases.map(\.rawValue).joined(separator: ", ")).")
    var metric = "kl"

    @Option(
        help: """
            What a cut edge carries: \(Ablation.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var ablation = "resample"

    @Option(
        help: "The order of the tests, as the reference's presets: cli, library, or shuffle:SEED.")
    var order = "cli"

    @Flag(help: "Give each query head its own key and value inputs, as other tools do.")
    var ungroupKv = false

    @Flag(help: "Judge by the size of a change, not by its direction.")
    var absolute = false

    @Flag(help: "Test edges one at a time instead of in waves: the same circuit, slower.")
    var oneByOne = false

    @OptionGroup var model: ModelOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func run() throws {
        let options = ACDC.Options(
            threshold: threshold, order: try TraversalOrder(named: order), absolute: absolute,
            ablation: try Ablation(named: ablation), speculative: !oneByOne)
        let metric = try Metric(named: metric)
        let pairs = try PairInput(input.open())
        let destination = try output.destination
        let source = try model.open(for: pairs.dataset.model)
        let transformer = try Transformer(source.load(), pool: WorkerPool(threads: threads.count))
        let graph = ComputationalGraph(source.configuration, ungroupedKeyValue: ungroupKv)
        let acdc = try ACDC(
            graph, transformer: transformer, metric: metric,
            activations: pairs.activations(with: transformer), options: options)

        let start = ContinuousClock.now
        let meter = ProgressMeter("edges", total: graph.edgeCount, verbosity: verbosity.level)
        let result = acdc.run(
            journal: { (_) throws(Never) in },
            progress: { meter.update(completed: $0.decided, note: "\($0.kept) kept") })
        meter.finish()
        report(result, in: ContinuousClock.now - start)

        let circuit = CircuitArtifact(
            result, of: acdc, metric: metric, model: pairs.dataset.model,
            datasetDigest: pairs.datasetDigest, cacheDigest: pairs.cacheDigest)
        let provenance = try Provenance.appending(
            .thisRun(
                inputs: pairs.inputs, modelDigest: source.digest(), dtype: "float32",
                blasKernel: BLAS.kernel, threads: threads.count),
            to: [pairs.provenance])
        _ = try circuit.write(to: destination, provenance: provenance)
    }

    private func report(_ result: ACDC.Result, in time: Duration) {
        let kept = result.inCircuit.count(where: { $0 })
        verbosity.note(
            "\(kept) of \(result.inCircuit.count) edges kept, \(result.decisions.count) tested; "
                + "\(metric) of the full model \(result.fullMetric), of the circuit "
                + "\(result.circuitMetric), ablated \(result.ablatedMetric)")
        let seconds = time / .seconds(1)
        verbosity.detail(
            "\(seconds) s, \(seconds / Double(max(1, result.decisions.count)) * 1000) ms a test; "
                + "\(result.work.evaluations) evaluations of \(result.work.nodes) nodes, "
                + "\(result.work.operations / 1e9) GFLOP, "
                + "\(result.work.operations / 1e9 / seconds) GFLOP/s, \(BLAS.kernel) kernels")
    }
}
