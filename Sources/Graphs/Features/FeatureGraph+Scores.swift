/// How much of a model's answer an attribution graph accounts for.
package struct FeatureGraphScores: Hashable, Sendable {
    /// The share of influence that comes from tokens rather than errors, over all paths.
    package var replacement: Double
    /// The share of what leads to nodes that doesn't come from errors, nodes weighed by influence.
    package var completeness: Double
}

extension FeatureGraph {
    /// The scores of the whole graph, as circuit-tracer defines them: without regard to features that
    /// were left out.
    package func scores() -> FeatureGraphScores { scores(rest: []) }

    /// The scores with features that were left out counted as errors: what a graph of some features can
    /// claim of the model. Those of a graph with all features are the same as `scores()`.
    package func scoresCountingLeftOut() -> FeatureGraphScores { scores(rest: leftOut) }

    private func scores(rest: [Float]) -> FeatureGraphScores {
        let influence = influence(rest: rest)
        var fromLeftOut = 0.0
        var (sound, all) = (0.0, 0.0)
        for node in 0..<nodeCount {
            let flow = influence[node] + weight(of: node)
            all += flow
            let row = effects.row(node)
            let left = rest.isEmpty ? 0 : Double(rest[node])
            let sum = max(rowSum(row) + left, Self.leastSum)
            let bad = rowSum(row) { errors.contains(Int(effects.columns[$0])) } + left
            fromLeftOut += flow * left / sum
            sound += flow * (1 - bad / sum)
        }
        let fromTokens = influence[tokenNodes].reduce(0, +)
        let fromErrors = influence[errors].reduce(0, +) + fromLeftOut
        return FeatureGraphScores(
            replacement: fromTokens / (fromTokens + fromErrors), completeness: sound / all)
    }
}
