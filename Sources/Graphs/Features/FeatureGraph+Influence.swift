extension FeatureGraph {
    /// How much of the targets each node accounts for, over all paths.
    ///
    /// With N the magnitudes of effects, each target's summing to 1, and w the targets' weights, it is
    /// w N + w N² + ... As edges lead from lower layers to higher ones, one sweep from the targets down
    /// gives that sum. Targets themselves get 0.
    /// - Parameters:
    ///   - rest: magnitudes that belong to a node's sum although no edge has them, by node.
    ///   - isKept: which edges there are, by their place among the effects.
    package func influence(rest: [Float] = [], isKept: (Int) -> Bool = { _ in true }) -> [Double] {
        var influence = [Double](repeating: 0, count: nodeCount)
        for node in sweep {
            let flow = influence[node] + weight(of: node)
            guard flow > 0 else { continue }
            let row = effects.row(node)
            let total = rowSum(row, isKept: isKept) + (rest.isEmpty ? 0 : Double(rest[node]))
            let share = flow / max(total, Self.leastSum)
            for edge in row where isKept(edge) {
                influence[Int(effects.columns[edge])] += share * Double(abs(effects.values[edge]))
            }
        }
        return influence
    }

    /// Nodes with edges that lead to them, higher ones before those that lead to them: targets, then
    /// features from the last layer down.
    var sweep: some Sequence<Int> {
        [Array(targetNodes), features.indices.reversed()].joined()
    }

    /// A target's weight; 0 of other nodes.
    func weight(of node: Int) -> Double {
        targetNodes.contains(node) ? targets[node - targetNodes.lowerBound].weight : 0
    }

    func rowSum(_ row: Range<Int>, isKept: (Int) -> Bool = { _ in true }) -> Double {
        var sum = 0.0
        for edge in row where isKept(edge) { sum += Double(abs(effects.values[edge])) }
        return sum
    }

    /// What a row's sum is at least when it is divided by, as in circuit-tracer.
    static let leastSum = 1e-10
}
