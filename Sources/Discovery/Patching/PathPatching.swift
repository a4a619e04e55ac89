package import Basics
import Engine
import Experiments
package import Graphs
import Models

/// Path patching: what one sender puts out is replaced for one receiver alone, everything after the
/// receiver is computed anew, and the change of the metric is the edge's effect (Goldowsky-Dill et
/// al. 2023).
///
/// As nothing before the receiver changes, its input is the known stream plus the change of the
/// sender. Copies of the prompts, each with an edge of its own, are stacked into one forward pass
/// that starts at the receiver's layer; of `logits` only the end of the prompt is looked at.
package struct PathPatching: Sendable {
    /// The pairs and both runs.
    package let pairs: PatchedPairs
    /// The graph whose edges are patched.
    package let graph: ComputationalGraph
    /// The edges, by number in the graph.
    package let edges: [Int]
    /// Where their senders are patched.
    package let positions: PatchPositions

    private var transformer: Transformer { pairs.transformer }

    /// Patches each of `edges` at each of `positions`.
    package init(
        _ pairs: PatchedPairs, graph: ComputationalGraph, edges: [Int], positions: PatchPositions
    ) {
        self.pairs = pairs
        self.graph = graph
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

    /// Runs all patches.
    /// - Parameter progress: is told the patches done of how many.
    /// - Throws: `Failure` when the model can't read the prompts.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws
        -> PatchResults
    {
        var results = PatchResults(
            components: edges.count, positions: positions.labels.count,
            pairs: pairs.layout.promptCount)
        let total = edges.count * positions.labels.count
        var done = 0
        let byLayer = Dictionary(grouping: edges.indices) {
            graph.receivers[graph.receiver(ofEdge: edges[$0])].layer ?? graph.nLayers
        }
        let inputs = try ReceiverInputs(pairs, graph: graph, layers: Set(byLayer.keys))
        for (layer, members) in byLayer.sorted(by: { $0.key < $1.key }) {
            let jobs = members.flatMap { member in
                positions.jobs(member, pairs.layout).filter { job in
                    let isZero = inputs.changes.isZero(graph.sender(ofEdge: edges[member]), job)
                    if isZero { results[job] = 0 }
                    return !isZero
                }
            }
            for first in stride(from: 0, to: jobs.count, by: PatchStack.most) {
                let stack = Array(jobs[first..<min(first + PatchStack.most, jobs.count)])
                let final = inputs.finalStream(of: stack, edges: edges, layer: layer)
                let values = pairs.metric.values(
                    normalized: final, pairs: stack.map(\.pair))
                for (job, value) in zip(stack, values) {
                    results[job] = Float(value - pairs.baseMetric[job.pair])
                }
            }
            done += members.count * positions.labels.count
            progress(done, total)
        }
        return results
    }
}
