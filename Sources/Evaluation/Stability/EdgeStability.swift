package import Artifacts
package import Basics
package import Graphs

/// Which edges would be found again: the share of samples of the pairs, or of circuits, in which each
/// edge is.
///
///     stability(e) = (samples in whose mean scores e is among the best N) / samples
///
/// Samples are those of the bootstrap: as many pairs as there are, drawn with repetition. Of circuits
/// (found from other pairs, seeds or orders) it is the share of those that have the edge.
package struct EdgeStability: EvaluationPart {
    /// The stability of each edge, from 0 to 1. Shape `[edge]`.
    package let shares: [Double]
    /// The graph whose edges these are.
    package let graph: GraphTable
    private let scores: [Double]?
    private let figures: [EvaluationArtifact.Figure]
    private let curves: [EvaluationArtifact.Curve]
    private let bootstrap: EvaluationArtifact.Bootstrap?
    private let circuits: [EvaluationArtifact.Circuit]
    private let sharedEdges: DenseArray<Int64>?

    /// The stability of the best edges by scores under resampling of the pairs.
    /// - Parameters:
    ///   - perPair: the scores in each pair. Shape `[edge, pair]`.
    ///   - count: how many edges are taken from each sample.
    ///   - absolute: whether a score counts by its size.
    /// - Throws: ``Failure`` (bad data) of fewer than two pairs, which show no spread.
    package init(
        of perPair: DenseArray<Float>, in graph: GraphTable, best count: Int, absolute: Bool,
        bootstrap: EvaluationArtifact.Bootstrap
    ) throws(Failure) {
        let pairCount = perPair.shape[1]
        let resampling = PairResampling(pairCount: pairCount, bootstrap)
        guard resampling.bootstrap != nil else {
            throw Failure(
                .badData, "scores of \(pairCount) pairs say nothing of others: score more")
        }
        let rankings = SampledRankings(perPair, best: count, absolute: absolute)
        var ofAll = Set<Int32>()
        rankings.forEach([Array(0..<pairCount)]) { _, edges in ofAll = Set(edges) }
        var found = [Int](repeating: 0, count: graph.edgeCount)
        var overlaps: [Double] = []
        rankings.forEach(resampling.samples) { _, edges in
            for edge in edges { found[Int(edge)] += 1 }
            let shared = edges.count { ofAll.contains($0) }
            overlaps.append(Double(shared) / Double(max(1, edges.count)))
        }
        let overlap = Spread(overlaps, confidence: bootstrap.confidence)
        shares = found.map { Double($0) / Double(bootstrap.samples) }
        scores = (0..<graph.edgeCount).map { edge in
            perPair[row: edge].reduce(0) { $0 + Double($1) } / Double(pairCount)
        }
        figures =
            [
                EvaluationArtifact.Figure(name: "pairs", value: Double(pairCount)),
                EvaluationArtifact.Figure(name: "best-edges", value: Double(count)),
            ] + Self.counts(shares) + [
                EvaluationArtifact.Figure(
                    name: "overlap-of-samples", value: overlap.mean, lower: overlap.lower,
                    upper: overlap.upper)
            ]
        curves = PairCounts(rankings, pairCount: pairCount, ofAll: ofAll, bootstrap).curves
        (self.graph, self.bootstrap) = (graph, bootstrap)
        (circuits, sharedEdges) = ([], nil)
    }

    /// The share of circuits of one graph that have each edge, and how much each two have in common.
    /// - Throws: ``Failure`` (bad data) where their graphs differ.
    package init(of circuits: [NamedCircuit]) throws(Failure) {
        guard let graph = circuits.first?.circuit.graph else {
            throw Failure(.usage, "there is no circuit")
        }
        for other in circuits where other.circuit.graph != graph {
            throw Failure(
                .badData,
                "\(other.name) is of another graph than \(circuits[0].name): circuits of one model, "
                    + "level and grouping are needed")
        }
        var found = [Int](repeating: 0, count: graph.edgeCount)
        for circuit in circuits {
            for (edge, isIn) in circuit.circuit.inCircuit.enumerated() where isIn {
                found[edge] += 1
            }
        }
        shares = found.map { Double($0) / Double(circuits.count) }
        let overlaps = CircuitOverlaps(circuits)
        var pairs: [Double] = []
        for first in circuits.indices {
            for second in circuits.indices where second > first {
                pairs.append(overlaps.jaccard[row: first][first * circuits.count + second])
            }
        }
        figures =
            [EvaluationArtifact.Figure(name: "circuits", value: Double(circuits.count))]
            + Self.counts(shares)
            + [
                EvaluationArtifact.Figure(
                    name: "jaccard-of-two",
                    value: pairs.isEmpty ? 1 : pairs.reduce(0, +) / Double(pairs.count))
            ]
        self.circuits = circuits.map(\.row)
        (sharedEdges, self.graph) = (overlaps.sharedEdges, graph)
        (scores, bootstrap, curves) = (nil, nil, [])
    }

    /// How many edges are in any sample, in over half, over 95%, and all of them.
    private static func counts(_ shares: [Double]) -> [EvaluationArtifact.Figure] {
        func count(_ name: String, _ isCounted: (Double) -> Bool) -> EvaluationArtifact.Figure {
            EvaluationArtifact.Figure(name: name, value: Double(shares.count(where: isCounted)))
        }
        return [
            count("edges-ever") { $0 > 0 }, count("edges-over-50%") { $0 > 0.5 },
            count("edges-over-95%") { $0 > 0.95 }, count("edges-always") { $0 == 1 },
        ]
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.graph = graph
        evaluation.edgeColumns["stability"] = shares
        if let scores { evaluation.edgeColumns["score"] = scores }
        evaluation.figures += figures
        evaluation.curves += curves
        evaluation.circuits += circuits
        evaluation.sharedEdges = sharedEdges
        if let bootstrap { evaluation.bootstrap = bootstrap }
    }
}
