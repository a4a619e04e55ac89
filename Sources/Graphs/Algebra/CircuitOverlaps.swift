package import Artifacts

/// How much each two of several circuits have in common.
///
/// Circuits of one graph are compared edge by edge; of different graphs each two as
/// ``CircuitComparison`` aligns them, and their edges are those of the common graph.
package struct CircuitOverlaps: Hashable, Sendable {
    /// What the circuits are called.
    package let names: [String]
    /// The edges of each circuit.
    package let edgeCounts: [Int]
    /// The nodes of each circuit.
    package let nodeCounts: [Int]
    /// How many edges each two have in common. Shape `[circuit, circuit]`.
    package let sharedEdges: DenseArray<Int64>
    /// The Jaccard index of each two sets of edges: what both have over what either has; 1 where both
    /// are empty. Shape `[circuit, circuit]`.
    package let jaccard: DenseArray<Double>
    /// How many nodes each two have in common, of graphs and circuits of features; else nil. Shape
    /// `[circuit, circuit]`.
    package let sharedNodes: DenseArray<Int64>?
    /// Whether all have the same edges, nodes and neurons.
    package let areSame: Bool
    /// Whether some circuits are of different graphs.
    package let isAligned: Bool

    /// Overlaps that were counted.
    init(
        names: [String], edgeCounts: [Int], nodeCounts: [Int], sharedEdges: DenseArray<Int64>,
        jaccard: DenseArray<Double>, sharedNodes: DenseArray<Int64>? = nil, areSame: Bool,
        isAligned: Bool
    ) {
        self.names = names
        self.edgeCounts = edgeCounts
        self.nodeCounts = nodeCounts
        self.sharedEdges = sharedEdges
        self.jaccard = jaccard
        self.sharedNodes = sharedNodes
        self.areSame = areSame
        self.isAligned = isAligned
    }

    /// Compares each two of `circuits`.
    package init(_ circuits: [NamedCircuit]) {
        let count = circuits.count
        names = circuits.map(\.name)
        edgeCounts = circuits.map { $0.circuit.inCircuit.count { $0 } }
        nodeCounts = circuits.map { $0.circuit.nodeInCircuit.count { $0 } }
        let edges = circuits.map { EdgeBits($0.circuit.inCircuit) }
        var shared = DenseArray(repeating: Int64(0), shape: [count, count])
        var jaccard = DenseArray(repeating: 1.0, shape: [count, count])
        var areSame = true
        var isAligned = false
        for first in 0..<count {
            shared.values[first * count + first] = Int64(edgeCounts[first])
            for second in (first + 1)..<count {
                let (one, other) = (circuits[first].circuit, circuits[second].circuit)
                let both: Int
                let index: Double
                if one.graph == other.graph {
                    both = edges[first].countShared(with: edges[second])
                    let either = edgeCounts[first] + edgeCounts[second] - both
                    index = either == 0 ? 1 : Double(both) / Double(either)
                    areSame =
                        areSame && index == 1 && one.nodeInCircuit == other.nodeInCircuit
                        && one.neurons == other.neurons
                } else {
                    let comparison = CircuitComparison(one, other)
                    both = comparison.edges.count { $0.inFirst && $0.inSecond }
                    index = comparison.edgeJaccard
                    areSame = areSame && comparison.areSame
                    isAligned = true
                }
                for cell in [first * count + second, second * count + first] {
                    shared.values[cell] = Int64(both)
                    jaccard.values[cell] = index
                }
            }
        }
        (sharedEdges, self.jaccard, sharedNodes) = (shared, jaccard, nil)
        (self.areSame, self.isAligned) = (areSame, isAligned)
    }
}

/// A set of edges of one graph, a bit for each.
private struct EdgeBits {
    private var words: [UInt64]

    init(_ inCircuit: [Bool]) {
        words = [UInt64](repeating: 0, count: (inCircuit.count + 63) / 64)
        for (edge, isIn) in inCircuit.enumerated() where isIn {
            words[edge / 64] |= 1 << UInt64(edge % 64)
        }
    }

    /// How many edges both have.
    func countShared(with other: EdgeBits) -> Int {
        zip(words, other.words).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount }
    }
}
