import Discovery
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Models
import Tasks
import TestSupport
import Testing

/// Scores on a real model against PyTorch in float32.
@Suite("Scores on SmolLM2")
struct SmolLM2ScoresTests {
    @Test(
        "Scores by gradients on SmolLM2 correlate with PyTorch's beyond 0.9999",
        .enabled(if: Fixture.smolLM2 != nil, Fixture.needsSmolLM2),
        arguments: [EAP(), EAPIGInputs(steps: 5), CleanCorrupted()] as [any ScoringMethod])
    func correlation(method: any ScoringMethod) throws {
        let pairs = try ReferencePairs("smollm2", model: Fixture.smolLM2)
        let scores = try AttributionScorer(
            ComputationalGraph(pairs.transformer.configuration), transformer: pairs.transformer,
            metric: .logitDifference, running: pairs.dataset, by: method
        ).scores().mean
        let expected = try floats("reference/smollm2/\(method.name).safetensors")
        try #require(scores.count == expected.count)
        #expect(correlation(scores, expected) > 0.9999)
    }

    struct ExactReference: Decodable {
        var edges: [String]
        var scores: [Float]
    }

    @Test(
        "Exact scores of SmolLM2's edges correlate with PyTorch's beyond 0.9999",
        .enabled(if: Fixture.smolLM2 != nil, Fixture.needsSmolLM2))
    func exact() throws {
        let pairs = try ReferencePairs("smollm2", model: Fixture.smolLM2)
        let reference = try pairs.reference("exact", as: ExactReference.self)
        let expected = Dictionary(
            uniqueKeysWithValues: zip(reference.edges, reference.scores).prefix(8))
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let scored = (0..<graph.edgeCount).map { expected[graph.name(ofEdge: $0)] != nil }
        let scores = try pairs.scores(by: Exact(circuit: scored), .logitDifference).mean
        #expect(scores.map(\.isNaN) == scored.map { !$0 })
        let found = scored.indices.filter { scored[$0] }
        let references = found.map { expected[graph.name(ofEdge: $0)] ?? .nan }
        #expect(correlation(found.map { scores[$0] }, references) > 0.9999)
    }

    /// The only tensor of a safetensors file: float32 after a header, whose length comes first.
    private func floats(_ name: String) throws -> [Float] {
        let data = try Fixture.data(name)
        let length = data.prefix(8).enumerated().reduce(0) {
            $0 | Int($1.element) << (8 * $1.offset)
        }
        return data.dropFirst(8 + length).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }
    }

    private func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let mean = { (values: [Float]) in
            values.reduce(0) { $0 + Double($1) } / Double(values.count)
        }
        let (centerA, centerB) = (mean(a), mean(b))
        var (both, squaresA, squaresB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let (u, v) = (Double(x) - centerA, Double(y) - centerB)
            both += u * v
            squaresA += u * u
            squaresB += v * v
        }
        return both / (squaresA * squaresB).squareRoot()
    }
}
