import Artifacts
import Basics
import Engine
import Evaluation
import Graphs
import TestSupport
import Testing

@Suite("Stability of edges")
struct EdgeStabilityTests {
    private let graph = GraphTable.sample()
    private let pairCount = 6

    /// Scores in each pair: an edge's own level, and noise of each pair.
    private var perPair: DenseArray<Float> {
        var generator = SplitMix64(seed: 5)
        return DenseArray(
            shape: [graph.edgeCount, pairCount],
            values: (0..<graph.edgeCount * pairCount).map { index in
                Float(index / pairCount % 7) / 4 + Float(generator.nextUnit()) - 1
            })
    }

    private let bootstrap = EvaluationArtifact.Bootstrap(samples: 60, confidence: 0.9, seed: 3)

    /// The samples of pairs that the documentation describes, drawn here again.
    private func samples() -> [[Int]] {
        var generator = SplitMix64(seed: 3)
        return (0..<60).map { _ in
            (0..<pairCount).map { _ in Int(generator.nextUnit() * Double(pairCount)) }
        }
    }

    /// The best edges of means in double precision, by sorting them all.
    private func best(_ count: Int, of sample: [Int], absolute: Bool) -> Set<Int> {
        let means = (0..<graph.edgeCount).map { edge in
            sample.reduce(0) { $0 + Double(perPair.values[edge * pairCount + $1]) }
                / Double(sample.count)
        }
        let keys = absolute ? means.map(abs) : means
        return Set(keys.indices.sorted { (keys[$0], $1) > (keys[$1], $0) }.prefix(count))
    }

    @Test(
        "An edge's share is that of the samples in which it is among the best",
        arguments: [false, true])
    func bruteForce(absolute: Bool) throws {
        try BLAS.load()
        let stability = try EdgeStability(
            of: perPair, in: graph, best: 9, absolute: absolute, bootstrap: bootstrap)
        let chosen = samples().map { best(9, of: $0, absolute: absolute) }
        let expected = (0..<graph.edgeCount).map { edge in
            Double(chosen.count { $0.contains(edge) }) / 60
        }
        #expect(stability.shares == expected)
        var evaluation = EvaluationArtifact(model: nil, subject: nil, metric: "kl", figures: [])
        stability.store(in: &evaluation)
        func figure(_ name: String) throws -> EvaluationArtifact.Figure {
            try #require(evaluation.figures.first { $0.name == name })
        }
        #expect(try figure("edges-ever").value == Double(expected.count { $0 > 0 }))
        #expect(try figure("edges-over-95%").value == Double(expected.count { $0 > 0.95 }))
        let all = best(9, of: Array(0..<pairCount), absolute: absolute)
        let overlaps = chosen.map { Double($0.intersection(all).count) / 9 }
        let overlap = try figure("overlap-of-samples")
        #expect(abs(overlap.value - overlaps.reduce(0, +) / 60) < 1e-12)
        #expect(overlap.lower <= overlap.value && overlap.value <= overlap.upper)

        // Of one pair of six the mean overlap is that over all of them, as drawings see it.
        let curve = try #require(evaluation.curves.first { $0.name == "overlap-with-all" })
        #expect(curve.x == [1, 2, 4, 6] && curve.y.last == 1)
        let ofOne = (0..<pairCount).map {
            Double(best(9, of: [$0], absolute: absolute).intersection(all).count) / 9
        }
        #expect(curve.y[0] >= (ofOne.min() ?? 1) && curve.y[0] <= (ofOne.max() ?? 0))
        #expect(abs(curve.y[0] - ofOne.reduce(0, +) / 6) < 0.15)
        let disjoint = try #require(evaluation.curves.first { $0.name == "overlap-of-disjoint" })
        #expect(disjoint.x == [1, 2], "two disjoint samples take at most all pairs")
    }

    @Test("One pair says nothing of others")
    func onePair() throws {
        let scores = DenseArray(
            shape: [graph.edgeCount, 1], values: [Float](repeating: 1, count: graph.edgeCount))
        let error = #expect(throws: Failure.self) {
            try EdgeStability(
                of: scores, in: graph, best: 2, absolute: false, bootstrap: bootstrap)
        }
        #expect(error?.kind == .badData)
    }

    @Test("A circuit of consensus has the edges of the share or more, on a path")
    func consensus() throws {
        var evaluation = EvaluationArtifact.sample
        var shares = [Double](repeating: 0, count: graph.edgeCount)
        let names = ["input->m0", "m0->logits", "input->m1", "a0.h0->a1.h0<q>"]
        for (name, share) in zip(names, [1, 0.95, 0.5, 0.99]) {
            let edge = try #require((0..<graph.edgeCount).first { graph.edgeName($0) == name })
            shares[edge] = share
        }
        evaluation.edgeColumns = ["stability": shares]
        let circuit = try CircuitArtifact(consensusOf: evaluation, share: 0.95)
        let edges = circuit.inCircuit.indices.filter { circuit.inCircuit[$0] }
        #expect(edges.map(graph.edgeName).sorted() == ["input->m0", "m0->logits"])
        #expect(circuit.nominalEdgeCount == 3, "one of the three leads nowhere")
        #expect(circuit.keptShare?.max() == 1)
        evaluation.edgeColumns = [:]
        #expect(throws: Failure.self) { try CircuitArtifact(consensusOf: evaluation, share: 0.95) }
    }
}
