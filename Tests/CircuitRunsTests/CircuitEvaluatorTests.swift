import Basics
import CircuitRuns
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Tasks
import Testing

/// The metric of arbitrary sets of edges against a plain PyTorch implementation that patches every
/// edge in a whole forward pass.
@Suite("The metric of a circuit")
struct CircuitEvaluatorTests {
    struct Reference: Decodable {
        var edges: [String]
        var sets: [EdgeSet]
    }

    /// A set of edges, and by ablation and metric the value of each pair.
    struct EdgeSet: Decodable {
        var present: String
        var values: [String: [String: [Double]]]

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            present = try container.decode(String.self, forKey: Key(stringValue: "present"))
            values = [:]
            for key in container.allKeys where key.stringValue != "present" {
                values[key.stringValue] = try container.decode(
                    [String: [Double]].self, forKey: key)
            }
        }
    }

    @Test(
        "Random sets of edges have the reference's metric, pair by pair",
        arguments: ReferencePairs.everyFamily)
    func randomSets(family: String) throws {
        // "ragged" pairs have prompts of different lengths and two answers each.
        let isComplete = ReferencePairs.families.contains(family)
        for (file, pairsFile) in [("patched", "pairs")] + (isComplete ? [("ragged", "ragged")] : [])
        {
            let pairs = try ReferencePairs(family, file: pairsFile)
            try compare(pairs, file: file, ungrouped: false)
        }
    }

    @Test(
        "The same with one key and value input a head",
        arguments: ReferencePairs.sharingFamilies + ReferencePairs.similarFamilies)
    func ungroupedSets(family: String) throws {
        try compare(ReferencePairs(family), file: "patched-ungrouped", ungrouped: true)
    }

    private func compare(_ pairs: ReferencePairs, file: String, ungrouped: Bool) throws {
        let reference = try pairs.reference(file, as: Reference.self)
        let graph = ComputationalGraph(
            pairs.transformer.configuration, ungroupedKeyValue: ungrouped)
        let names = (0..<graph.edgeCount).map(graph.name(ofEdge:))
        #expect(names == reference.edges)
        var compared = 0
        for set in reference.sets {
            let inCircuit = set.present.map { $0 == "1" }
            for (ablation, metrics) in set.values {
                for (metric, expected) in metrics {
                    let experiment = try Experiment(
                        graph, transformer: pairs.transformer, metric: Metric(named: metric),
                        activations: pairs.activations, ablation: Ablation(named: ablation))
                    let evaluator = CircuitEvaluator(experiment)
                    // The state of one circuit must not show in the next.
                    let everything = [Bool](repeating: true, count: graph.edgeCount)
                    _ = evaluator.values(of: everything, isSparse: true)
                    for isSparse in [true, false] {
                        let values = evaluator.values(of: inCircuit, isSparse: isSparse)
                        for (value, expected) in zip(values, expected) {
                            #expect(
                                abs(value - expected) < 5e-5 * max(1, abs(expected)),
                                "\(pairs.family) \(file) \(ablation) \(metric) \(isSparse)")
                            compared += 1
                        }
                        _ = evaluator.values(of: everything.map { !$0 }, isSparse: true)
                    }
                }
            }
        }
        #expect(compared >= reference.sets.count * 4)
    }
}
