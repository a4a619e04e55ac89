/// Which part of an attribution graph matters most, and how large each node's part is.
package struct FeatureGraphPruning: Hashable, Sendable {
    /// Whether a node is kept, `[node]`.
    package var nodeKept: [Bool]
    /// Whether an edge is kept, in the order of the graph's effects.
    package var edgeKept: [Bool]
    /// Each node's influence, `[node]`.
    package var influence: [Double]
    /// The share of all influence that a node and those with more of it have, `[node]`: small is
    /// important.
    package var cumulative: [Double]

    /// A pruning that was stored.
    package init(
        nodeKept: [Bool], edgeKept: [Bool], influence: [Double], cumulative: [Double]
    ) {
        self.nodeKept = nodeKept
        self.edgeKept = edgeKept
        self.influence = influence
        self.cumulative = cumulative
    }
}

extension FeatureGraph {
    /// Keeps the nodes, then the edges, that have most of the influence, as circuit-tracer does.
    /// - Parameters:
    ///   - nodeThreshold: the share of all nodes' influence that the kept ones have at least.
    ///   - edgeThreshold: the share of all edges' scores, among the kept nodes.
    package func pruned(nodeThreshold: Double, edgeThreshold: Double) -> FeatureGraphPruning {
        let influence = influence()
        let cut = Self.cut(influence, share: nodeThreshold)
        var nodeKept = influence.map { $0 >= cut }
        for node in tokenNodes.lowerBound..<nodeCount { nodeKept[node] = true }
        var edgeKept = edgesKept(share: edgeThreshold, among: nodeKept)
        dropLooseEnds(&nodeKept, &edgeKept)
        return FeatureGraphPruning(
            nodeKept: nodeKept, edgeKept: edgeKept, influence: influence,
            cumulative: Self.cumulativeShares(influence))
    }

    /// The edges between kept nodes with most of the score: a target's influence, among the kept nodes,
    /// times the edge's share of what leads to it.
    private func edgesKept(share: Double, among nodeKept: [Bool]) -> [Bool] {
        var isCandidate = [Bool](repeating: false, count: effects.count)
        for node in sweep where nodeKept[node] {
            for edge in effects.row(node) {
                isCandidate[edge] = nodeKept[Int(effects.columns[edge])]
            }
        }
        let influence = influence { isCandidate[$0] }
        var scores = [Double](repeating: 0, count: effects.count)
        for node in sweep where nodeKept[node] {
            let row = effects.row(node)
            let flow = influence[node] + weight(of: node)
            let sum = max(rowSum(row) { isCandidate[$0] }, Self.leastSum)
            for edge in row where isCandidate[edge] {
                scores[edge] = flow * Double(abs(effects.values[edge])) / sum
            }
        }
        let cut = Self.cut(scores, share: share)
        return scores.map { $0 >= cut }
    }

    /// Drops features and errors that lead nowhere and features to which nothing leads, until there are
    /// none; and, once a node was dropped, the edges of dropped nodes.
    private func dropLooseEnds(_ nodeKept: inout [Bool], _ edgeKept: inout [Bool]) {
        while true {
            var leads = [Bool](repeating: false, count: nodeCount)
            var isLedTo = [Bool](repeating: false, count: nodeCount)
            for node in sweep {
                for edge in effects.row(node) where edgeKept[edge] {
                    leads[Int(effects.columns[edge])] = true
                    isLedTo[node] = true
                }
            }
            var isChanged = false
            for node in 0..<tokenNodes.lowerBound where nodeKept[node] {
                if !leads[node] || (node < features.count && !isLedTo[node]) {
                    nodeKept[node] = false
                    isChanged = true
                }
            }
            guard isChanged else { return }
            for node in sweep {
                for edge in effects.row(node)
                where !nodeKept[node] || !nodeKept[Int(effects.columns[edge])] {
                    edgeKept[edge] = false
                }
            }
        }
    }

    /// The score at which the best scores together reach a share of the sum: the crossing one and its
    /// equals are among them. Infinite where all are 0.
    static func cut(_ scores: [Double], share: Double) -> Double {
        let sorted = scores.filter { $0 > 0 }.sorted(by: >)
        let sum = sorted.reduce(0, +)
        var running = 0.0
        for score in sorted {
            running += score
            if running / sum >= share { return score }
        }
        return sorted.last ?? .infinity
    }

    /// For each node the share of influence of those up to it, most influential first.
    private static func cumulativeShares(_ influence: [Double]) -> [Double] {
        let order = influence.indices.sorted { (influence[$0], $1) > (influence[$1], $0) }
        let sum = order.reduce(0.0) { $0 + influence[$1] }
        var shares = [Double](repeating: 0, count: influence.count)
        var running = 0.0
        for node in order {
            running += influence[node]
            shares[node] = sum > 0 ? running / sum : 1
        }
        return shares
    }
}
