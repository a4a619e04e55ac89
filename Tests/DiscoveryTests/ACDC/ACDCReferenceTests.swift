import Artifacts
import Basics
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Tasks
import Testing

/// ACDC against a plain PyTorch implementation that runs the whole patched forward pass for every
/// edge: the same tests in the same order, with the same outcome.
@Suite("ACDC equals the reference")
struct ACDCReferenceTests {
    struct Run: Decodable {
        var ablation: String
        var metric: String
        var threshold: Double
        var order: String
        var loss_of_full: Double
        var loss_of_circuit: Double
        var loss_of_empty: Double
        var kept: [String]
        var tested: [String]
        var before: [Double]
        var after: [Double]
        var removed: [Flag]

        /// Python writes truth as a number or a word.
        struct Flag: Decodable {
            var isSet: Bool
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                isSet = try (try? container.decode(Bool.self)) ?? (container.decode(Int.self) != 0)
            }
        }
    }
    struct Runs: Decodable { var runs: [Run] }

    static let cases: [(family: String, file: String)] =
        ReferencePairs.everyFamily.map {
            ($0, "acdc")
        } + ReferencePairs.sharingFamilies.map { ($0, "acdc-ungrouped") }

    @Test("Decisions equal the reference's, in waves and one by one", arguments: cases)
    func decisions(family: String, file: String) throws {
        let pairs = try ReferencePairs(family)
        for run in try pairs.reference(file, as: Runs.self).runs {
            for speculative in [true, false] {
                let result = try search(pairs, run, file, speculative: speculative)
                let graph = graph(pairs, file)
                let label: Comment =
                    "\(family) \(file) \(run.metric) \(run.ablation) \(run.order) \(speculative)"
                #expect(
                    result.decisions.map { graph.name(ofEdge: Int($0.edge)) } == run.tested, label)
                #expect(result.decisions.map(\.removed) == run.removed.map(\.isSet), label)
                #expect(largestGap(result.decisions.map(\.before), run.before) < 1e-5, label)
                #expect(largestGap(result.decisions.map(\.after), run.after) < 1e-5, label)
                let kept = graph.receivers.indices.flatMap { receiver in
                    graph.edges(into: receiver).filter { result.inCircuit[$0] }
                }
                #expect(kept.map(graph.name(ofEdge:)) == run.kept, label)
                let sign: Double = run.metric == "logit-diff" ? -1 : 1
                #expect(abs(sign * result.fullMetric - run.loss_of_full) < 1e-5, label)
                #expect(abs(sign * result.circuitMetric - run.loss_of_circuit) < 1e-5, label)
                #expect(abs(sign * result.ablatedMetric - run.loss_of_empty) < 1e-5, label)
            }
        }
    }

    /// A search at a level, by position or not.
    struct LevelRun: Decodable {
        var level: String
        var positions: Int
        var metric: String
        var ablation: String
        var threshold: Double
        var loss_of_circuit: Double
        var kept: [String]
        var tested: [String]
        var before: [Double]
        var after: [Double]
        var removed: [Int]
    }
    struct LevelRuns: Decodable { var runs: [LevelRun] }

    @Test(
        "At coarser levels and by position too, in waves and one by one",
        arguments: ReferencePairs.families)
    func levels(family: String) throws {
        let pairs = try ReferencePairs(family)
        for run in try pairs.reference("acdc-levels", as: LevelRuns.self).runs {
            let experiment = try pairs.experiment(
                Metric(named: run.metric), ablation: Ablation(named: run.ablation))
            let leveled = try LeveledGraph(
                experiment.graph, at: GraphLevel(named: run.level),
                forPromptsOf: run.positions == 1 ? experiment.clean.layout.lengths : nil)
            let table = leveled.table
            for speculative in [true, false] {
                let label: Comment =
                    "\(family) \(run.level) \(run.positions) \(run.metric) \(speculative)"
                let result = ACDC(
                    experiment, at: leveled, options: ACDC.Options(speculative: speculative)
                ).run(at: run.threshold)
                #expect(
                    result.decisions.map { table.edgeName(Int($0.edge)) } == run.tested, label)
                #expect(result.decisions.map { $0.removed ? 1 : 0 } == run.removed, label)
                #expect(largestGap(result.decisions.map(\.before), run.before) < 5e-5, label)
                #expect(largestGap(result.decisions.map(\.after), run.after) < 5e-5, label)
                let kept = (0..<table.edgeCount).filter { result.inCircuit[$0] }
                #expect(kept.map(table.edgeName).sorted() == run.kept, label)
                let sign: Double = run.metric == "logit-diff" ? -1 : 1
                #expect(abs(sign * result.circuitMetric - run.loss_of_circuit) < 2e-5, label)
            }
        }
    }

    private func graph(_ pairs: ReferencePairs, _ file: String) -> ComputationalGraph {
        ComputationalGraph(
            pairs.transformer.configuration, ungroupedKeyValue: file.hasSuffix("ungrouped"))
    }

    private func search(
        _ pairs: ReferencePairs, _ run: Run, _ file: String, speculative: Bool
    ) throws -> ACDC.Result {
        let experiment = try Experiment(
            graph(pairs, file), transformer: pairs.transformer, metric: Metric(named: run.metric),
            activations: pairs.activations, ablation: Ablation(named: run.ablation))
        return try ACDC(
            experiment,
            options: ACDC.Options(
                order: TraversalOrder(named: run.order), speculative: speculative)
        ).run(at: run.threshold)
    }

    /// The largest difference, relative where values are large; infinite if the counts differ.
    private func largestGap(_ a: [Double], _ b: [Double]) -> Double {
        a.count == b.count
            ? zip(a, b).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0 : .infinity
    }
}
