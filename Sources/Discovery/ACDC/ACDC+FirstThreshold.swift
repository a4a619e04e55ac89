import Artifacts
import Experiments
import Graphs

/// Where a search for a circuit of a wanted size begins.
extension ACDC {
    /// The threshold that is tried first for a circuit of `count` edges. It should lie above the one that
    /// gives it: small circuits cost little, while one that is too large takes many times as long as the
    /// wanted one.
    ///
    /// It is twice the score of rank `count` by EAP-IG, whose scores estimate the effects that ACDC
    /// measures. Where the metric has no gradient, or fewer edges help, it is an eighth of the effect
    /// of all edges.
    package func firstThreshold(forEdges count: Int) -> Double {
        if let score = score(ofRank: count), score > 0 { return 2 * Double(score) }
        return experiment.effectOfAllEdges / 8
    }

    /// The score that this many edges of the search reach by EAP-IG; nil where there is none.
    private func score(ofRank rank: Int) -> Float? {
        let isByPosition = leveled.positionCount != nil
        guard rank > 0,
            let scorer = try? AttributionScorer(
                experiment, by: EAPIGInputs(), resolution: isByPosition ? .positions : []),
            let scores = try? scorer.scores().mean,
            scores.count == leveled.edges.count * leveled.own.edgeCount
        else { return nil }
        // The scores of an edge are the sums of those that it is made of.
        var sums = [Float](repeating: 0, count: edgeCount)
        for (index, edge) in leveled.edges.joined().enumerated() where edge >= 0 {
            sums[Int(edge)] += scores[index]
        }
        let sizes = sums.indices.lazy.filter { start?[$0] ?? true }.map {
            options.absolute ? abs(sums[$0]) : sums[$0]
        }.filter(\.isFinite).sorted(by: >)
        return rank <= sizes.count ? sizes[rank - 1] : nil
    }
}
