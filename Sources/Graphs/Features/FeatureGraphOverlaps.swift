import Artifacts
package import Basics

extension CircuitOverlaps {
    /// Compares the kept nodes and edges of each two attribution graphs by name.
    /// - Parameter ignoresPositions: as of ``FeatureGraphComparison``.
    /// - Throws: ``Failure`` (bad data) where graphs are of different transcoders.
    package init(_ graphs: [PromptGraph], ignoresPositions: Bool) throws(Failure) {
        if let first = graphs.first {
            for other in graphs.dropFirst() {
                try FeatureGraphComparison.requireSameFeatures(first, other)
            }
        }
        let named = graphs.map { NamedGraph($0, ignoresPositions: ignoresPositions) }
        let count = graphs.count
        var shared = DenseArray(repeating: Int64(0), shape: [count, count])
        var jaccard = DenseArray(repeating: 1.0, shape: [count, count])
        for first in 0..<count {
            for second in 0..<count {
                let (one, other) = (named[first].keptEdges, named[second].keptEdges)
                let both = one.intersection(other).count
                let either = one.count + other.count - both
                shared.values[first * count + second] = Int64(both)
                jaccard.values[first * count + second] =
                    either == 0 ? 1 : Double(both) / Double(either)
            }
        }
        self.init(
            names: graphs.map(\.name), edgeCounts: named.map(\.keptEdges.count),
            nodeCounts: named.map(\.keptNodes.count), sharedEdges: shared, jaccard: jaccard,
            areSame: named.allSatisfy {
                $0.keptEdges == named[0].keptEdges && $0.keptNodes == named[0].keptNodes
            }, isAligned: false)
    }
}
