import Artifacts
package import Basics

extension CircuitOverlaps {
    /// Compares the kept nodes and edges of each two attribution graphs by name.
    /// - Parameter ignoresPositions: as of ``FeatureGraphComparison``.
    /// - Throws: ``Failure`` (bad data) where graphs are of different transcoders.
    package init(_ graphs: [PromptGraph], ignoresPositions: Bool) throws(Failure) {
        try FeatureGraphComparison.requireSameFeatures(
            graphs.map { ($0.name, $0.artifact.transcoders) })
        self.init(
            graphs.map { NamedGraph($0, ignoresPositions: ignoresPositions) },
            names: graphs.map(\.name))
    }

    /// Compares each two graphs by the names of their kept nodes and edges.
    init(_ named: [NamedGraph], names: [String]) {
        let (edges, edgeJaccard) = Self.shared(named.map(\.keptEdges))
        self.init(
            names: names, edgeCounts: named.map(\.keptEdges.count),
            nodeCounts: named.map(\.keptNodes.count), sharedEdges: edges, jaccard: edgeJaccard,
            sharedNodes: Self.shared(named.map(\.keptNodes)).counts,
            areSame: named.allSatisfy {
                $0.keptEdges == named[0].keptEdges && $0.keptNodes == named[0].keptNodes
            }, isAligned: false)
    }

    /// How many names each two sets have in common, and their Jaccard index, `[set, set]`.
    private static func shared(
        _ sets: [Set<String>]
    ) -> (counts: DenseArray<Int64>, jaccard: DenseArray<Double>) {
        let count = sets.count
        var counts = DenseArray(repeating: Int64(0), shape: [count, count])
        var jaccard = DenseArray(repeating: 1.0, shape: [count, count])
        for (first, one) in sets.enumerated() {
            for (second, other) in sets.enumerated() {
                let both = one.intersection(other).count
                let either = one.count + other.count - both
                counts.values[first * count + second] = Int64(both)
                jaccard.values[first * count + second] =
                    either == 0 ? 1 : Double(both) / Double(either)
            }
        }
        return (counts, jaccard)
    }
}
