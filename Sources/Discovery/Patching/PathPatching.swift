package import Basics
import Engine
import Experiments
package import Graphs
import Models

/// Path patching: the output of one sender is replaced for one receiver alone, everything after the
/// receiver is computed anew, and the change of the metric is the edge's effect (Goldowsky-Dill et
/// al. 2023).
///
/// As nothing before the receiver changes, its input is the known stream plus the change of the
/// sender. Of a copy of a prompt with that change only what it reaches is computed: from the receiver's
/// layer and the first position on where the sender differs; of `logits` only the end of the prompt.
package struct PathPatching: Sendable {
    /// The pairs and both runs.
    package let pairs: PatchedPairs
    /// The edges, by number in the graph.
    package let edges: [Int]
    /// Where their senders are patched.
    package let positions: PatchPositions

    /// The graph whose edges are patched.
    private var graph: ComputationalGraph { pairs.experiment.graph }

    /// Patches each of `edges` at each of `positions`.
    package init(_ pairs: PatchedPairs, edges: [Int], positions: PatchPositions) {
        self.pairs = pairs
        self.edges = edges
        self.positions = positions
    }

    /// The edges of a graph whose name fits one of `patterns` (`m*->a9.h6<q>`), in the graph's order.
    ///
    /// - Throws: `Failure` (usage) for a pattern that no edge fits.
    package static func edges(
        of graph: ComputationalGraph, matching patterns: [String]
    ) throws(Failure) -> [Int] {
        let names = (0..<graph.edgeCount).map(graph.name(ofEdge:))
        return try NamePattern.matches(of: patterns, among: names) {
            "no edge of the model is named '\($0)'; edges are named such as \(names[0])"
        }
    }

    /// The name of each edge, and its receiver's layer; -1 for `logits`.
    package var components: [(name: String, layer: Int)] {
        edges.map { edge in
            (graph.name(ofEdge: edge), graph.receivers[graph.receiver(ofEdge: edge)].layer ?? -1)
        }
    }

    /// Runs all patches.
    /// - Parameter progress: is told how far it is, from time to time.
    /// - Throws: `Failure` when the model can't read the prompts.
    package func run(progress: (PatchProgress) -> Void = { _ in }) throws -> PatchResults {
        var results = PatchResults(
            components: edges.count, positions: positions.labels.count,
            pairs: pairs.layout.promptCount)
        let inputs = try ReceiverInputs(pairs, edges: edges)
        var jobs: [(PatchJob, Continuation)] = []
        for edge in edges.indices {
            for job in positions.jobs(edge, pairs.layout) {
                if let copy = inputs.copy(of: job) {
                    jobs.append((job, copy))
                } else {
                    results[job] = 0
                }
            }
        }
        PatchedCopies(jobs).run(
            pairs, known: inputs.known, changes: inputs, into: &results, progress: progress)
        return results
    }
}
