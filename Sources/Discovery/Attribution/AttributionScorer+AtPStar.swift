import Basics
import Engine
import Experiments
import Graphs

extension AttributionScorer {
    /// AtP*: the scores of nodes, and of each edge the lesser of its two ends' scores, so that the
    /// edges above a threshold are those between the nodes above it. Ends are the sender, and the
    /// queries, keys, values or MLP that the edge goes to; `logits` is no limit.
    /// - Throws: `Failure` (usage) for another ablation than resampling.
    func atpStar(_ progress: (Int, Int) -> Void) throws -> AttributionScores {
        guard experiment.ablation == .resample else {
            throw Failure(
                .usage,
                "atp-star patches queries and keys with those of the corrupted prompts: use "
                    + "--ablation resample")
        }
        let nodes = collect(
            width: AtPStarScorer.nodeCount(of: graph), perPair: false, progress
        ) { pairs, scores, workspace in
            var scorer = AtPStarScorer(self, pairs: pairs, scores: scores, workspace: workspace)
            scorer.run()
            return scorer.finish()
        }.mean
        var edges: [Float] = []
        edges.reserveCapacity(graph.edgeCount)
        for (number, receiver) in graph.receivers.enumerated() {
            let limit: Float =
                switch receiver {
                case .logits: .infinity
                case .mlp(let layer): nodes[graph.sender(mlp: layer)]
                case .head, .group: nodes[graph.senders.count + number]
                }
            edges += nodes[..<graph.senderCount(of: number)].map { min($0, limit) }
        }
        return AttributionScores(
            mean: edges, perPair: nil, ofNodes: Array(nodes[..<graph.senders.count]) + [0])
    }
}
