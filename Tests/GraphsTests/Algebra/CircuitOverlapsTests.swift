import Artifacts
import Basics
import Graphs
import TestSupport
import Testing

@Suite("Overlaps of several circuits")
struct CircuitOverlapsTests {
    private func named(_ circuit: CircuitArtifact, _ name: String) throws -> [NamedCircuit] {
        let folder = try ScratchFolder()
        try circuit.write(to: ArtifactOutput(folder.path(name)), provenance: .sample())
        return try ArtifactFile(folder.path(name)).circuit().circuits()
    }

    @Test("Each two have the edges in common that comparing the two says")
    func comparisons() throws {
        var generator = SplitMix64(seed: 4)
        let graph = GraphTable.sample()
        let circuits = try (0..<4).flatMap { number in
            let edges = (0..<graph.edgeCount).filter { _ in
                number > 0 && generator.number(below: 3) == 0
            }
            return try named(
                .sample(
                    edges: Dictionary(uniqueKeysWithValues: edges.map { (graph.edgeName($0), 1) })),
                "\(number).h5")
        }
        let overlaps = CircuitOverlaps(circuits)
        #expect(overlaps.edgeCounts[0] == 0 && !overlaps.areSame && !overlaps.isAligned)
        for first in 0..<4 {
            for second in 0..<4 {
                let comparison = CircuitComparison(
                    circuits[first].circuit, circuits[second].circuit)
                #expect(
                    overlaps.sharedEdges[row: first][first * 4 + second]
                        == Int64(comparison.edges.count { $0.inFirst && $0.inSecond }))
                #expect(overlaps.jaccard[row: first][first * 4 + second] == comparison.edgeJaccard)
            }
        }
    }

    @Test(
        "Circuits of other shapes are aligned, and the runs of one file are circuits of their own")
    func alignedAndRuns() throws {
        let runs = try named(.sample, "runs.h5")
        #expect(runs.map(\.run) == [0, 1])
        #expect(runs.allSatisfy { $0.name.hasSuffix("#\($0.run ?? -1)") })
        let large = try named(
            .sample(.sample(layers: 4, heads: 3), edges: ["input->m1": 1]), "large.h5")
        let overlaps = CircuitOverlaps(runs + large)
        #expect(overlaps.isAligned)
        let comparison = CircuitComparison(runs[0].circuit, large[0].circuit)
        #expect(overlaps.jaccard.values[2] == comparison.edgeJaccard)
    }

    @Test("Circuits of different ablations aren't combined")
    func ablations() throws {
        var zero = CircuitArtifact.sample(edges: ["input->m0": 1])
        zero.ablation = "zero"
        let resample = CircuitArtifact.sample(edges: ["input->m0": 1])
        for operation in CircuitSetOperation.allCases {
            let error = #expect(throws: Failure.self) {
                try zero.applying(operation, with: resample)
            }
            #expect(error?.kind == .badData)
            #expect(error?.description.contains("different ablations (zero; resample)") == true)
        }
    }
}
