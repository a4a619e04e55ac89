package import Artifacts
package import Basics

extension EdgeScoresArtifact {
    /// The scores at a coarser level: an edge has the sum of those of the edges it is made of, so all
    /// of them together keep their sum.
    ///
    /// - Parameters:
    ///   - level: a level at most as fine as that of the scores.
    ///   - keepingPositions: whether positions stay apart, if they are.
    /// The scores must be of a method whose scores add up.
    /// - Throws: `Failure`: usage, where the scores are coarser;
    ///   bad data, where nodes have names of no level.
    package func projected(
        to level: GraphLevel, keepingPositions: Bool
    ) throws(Failure) -> EdgeScoresArtifact {
        try requireFineness(of: level)
        let projection = try GraphProjection(of: graph, to: level, keepingPositions)
        let count = projection.graph.edgeCount
        var result = self
        result.graph = projection.graph
        result.scores = Self.sums(scores, projection.groupOfEdge, count: count)
        result.nodeScores = nodeScores.map {
            Self.sums($0, projection.groupOfNode, count: projection.graph.nodes.count)
        }
        result.neuronScores =
            level == .neuron
            ? neuronScores.map { table in
                let width = table.shape[1]
                let groups = projection.groupOfNode.flatMap { group in
                    (0..<width).map { group * width + $0 }
                }
                let rows = projection.graph.nodes.count
                return DenseArray(
                    shape: [rows, width],
                    values: Self.sums(table.values, groups, count: rows * width))
            } : nil
        result.perPair = perPair.map { perPair in
            let pairs = perPair.shape[1]
            let groups = projection.groupOfEdge.flatMap { group in
                (0..<pairs).map { group * pairs + $0 }
            }
            return DenseArray(
                shape: [count, pairs],
                values: Self.sums(perPair.values, groups, count: count * pairs))
        }
        try result.requireConservation(from: self)
        return result
    }

    /// The sums of values by their groups.
    private static func sums(_ values: [Float], _ groupOf: [Int], count: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: count)
        for (value, group) in zip(values, groupOf) { sums[group] += Double(value) }
        return sums.map { Float($0) }
    }

    /// Refuses to make scores finer than they are.
    private func requireFineness(of level: GraphLevel) throws(Failure) {
        let levels = GraphLevel.allCases
        let own = neuronScores == nil ? GraphLevel(ofReceiversIn: graph) : .neuron
        guard let wanted = levels.firstIndex(of: level), let index = levels.firstIndex(of: own),
            wanted <= index
        else {
            throw Failure(
                .usage,
                "the scores are of the level \(own.rawValue), which is coarser than "
                    + "\(level.rawValue); score the model anew with --level \(level.rawValue)")
        }
    }

    /// Checks that nothing was lost.
    private func requireConservation(from finer: EdgeScoresArtifact) throws(Failure) {
        let before = finer.scores.reduce(0.0) { $0 + Double($1) }
        let after = scores.reduce(0.0) { $0 + Double($1) }
        let size = finer.scores.reduce(0.0) { $0 + Double(abs($1)) }
        guard !size.isFinite || abs(before - after) <= 1e-5 * size else {
            throw Failure(
                .internalError,
                "the sum of all scores was \(before) and became \(after) at the coarser level")
        }
    }
}
