extension FeatureGraph {
    /// The scores of some of the graph's features, the others counted as errors: what each of those adds
    /// to a target is added to the error of its layer and position, and nothing leads to it any more.
    ///
    /// These are the rules of circuit-tracer's `compute_subgraph_scores` (its pull request 42).
    /// - Parameters:
    ///   - isInside: whether a feature is one of the chosen, by its node.
    ///   - pruning: circuit-tracer's other way: features that aren't kept are dropped, not counted, and
    ///     so is what isn't a kept edge once features are added up. nil judges on the whole graph.
    package func scores(
        ofSubgraph isInside: (Int) -> Bool, pruning: FeatureGraphPruning? = nil
    ) -> FeatureGraphScores {
        let isFolded = features.indices.map {
            !isInside($0) && pruning?.nodeKept[$0] ?? true
        }
        var graph = self
        graph.effects = SparseRows()
        graph.leftOut = []
        for target in 0..<nodeCount {
            defer { graph.effects.endRow() }
            if target < features.count, isFolded[target] { continue }
            if let pruning, !pruning.nodeKept[target] { continue }
            var sums: [Int32: Double] = [:]
            var kept = Set<Int32>()
            for edge in effects.row(target) {
                var column = effects.columns[edge]
                if pruning?.edgeKept[edge] ?? true { kept.insert(column) }
                if Int(column) < features.count, isFolded[Int(column)] {
                    column = error(of: features[Int(column)])
                }
                sums[column, default: 0] += Double(effects.values[edge])
            }
            for (column, sum) in sums.sorted(by: { $0.key < $1.key }) {
                if let pruning, !pruning.nodeKept[Int(column)] || !kept.contains(column) {
                    continue
                }
                graph.effects.append(Float(sum), column: column)
            }
        }
        return graph.scores()
    }

    private func error(of feature: Feature) -> Int32 {
        Int32(errors.lowerBound) + feature.layer * Int32(tokens.count) + feature.position
    }
}
