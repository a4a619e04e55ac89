import Artifacts
import Basics
import Graphs
import TestSupport
import Testing

/// Attribution graphs compared, combined, grouped and merged.
@Suite("Algebra of attribution graphs")
struct FeatureGraphAlgebraTests {
    private func graph(
        _ prompt: Int = 0, _ change: (inout AttributionGraphArtifact) -> Void = { _ in }
    ) -> PromptGraph {
        var artifact = AttributionGraphArtifact.sample
        change(&artifact)
        return PromptGraph(name: "g.h5#\(prompt)", artifact, prompt: prompt)
    }

    @Test("Equal graphs are the same")
    func same() throws {
        let comparison = try FeatureGraphComparison(graph(0), graph(1))
        #expect(comparison.areSame)
        #expect(comparison.edgeJaccard == 1 && comparison.nodeJaccard == 1)
        #expect(comparison.edges.count == 4 && comparison.nodes.count == 6)
        #expect(comparison.edges.allSatisfy { $0.difference == 0 })
        #expect(comparison.weights?.correlation == 1)
    }

    @Test("What only one graph keeps, and how weights differ")
    func difference() throws {
        let comparison = try FeatureGraphComparison(
            graph(0),
            graph(1) {
                // m0.f5@1->m1.f60@1 goes, logits.t9 gets more of m1.f60@1.
                $0.edges.kept[6] = false
                $0.edges.weights[8] = 3
                $0.nodes.kept[9] = false
            })
        #expect(!comparison.areSame)
        #expect(comparison.edgeJaccard == 0.75)
        #expect(comparison.nodeJaccard == 5.0 / 6)
        let gone = try #require(comparison.edges.first { $0.name == "m0.f5@1->m1.f60@1" })
        #expect(gone.inFirst && !gone.inSecond && gone.secondWeight == -0.5)
        let larger = try #require(comparison.edges.first { $0.name == "m1.f60@1->logits.t9" })
        #expect(larger.firstWeight == 2 && larger.secondWeight == 3 && larger.difference == -1)
        #expect(comparison.weights?.maximum == 1)
    }

    @Test("Positions can be ignored, tokens are then the same by their id")
    func positions() throws {
        let moved = graph(1) {
            $0.nodes.names[9] = "m0.f5@0"
            $0.nodes.names[16] = "input@0"
            $0.nodes.names[15] = "input@1"
        }
        #expect(try !FeatureGraphComparison(graph(0), moved).areSame)
        let comparison = try FeatureGraphComparison(graph(0), moved, ignoresPositions: true)
        #expect(comparison.areSame)
        #expect(comparison.nodes.map(\.name).contains("input.t7"))
    }

    @Test("Graphs of different transcoders are refused")
    func otherTranscoders() throws {
        let other = graph(1) { $0.transcoders.digest = String(repeating: "34", count: 32) }
        #expect(throws: Failure.self) { try FeatureGraphComparison(graph(0), other) }
        #expect(throws: Failure.self) {
            try CircuitOverlaps([graph(0), other], ignoresPositions: false)
        }
        #expect(throws: Failure.self) { try graph(0).applying(.union, with: other) }
    }

    @Test("A matrix counts shared edges")
    func matrix() throws {
        let overlaps = try CircuitOverlaps(
            [graph(0), graph(1) { $0.edges.kept[6] = false }], ignoresPositions: false)
        #expect(overlaps.sharedEdges.values == [4, 3, 3, 3])
        #expect(overlaps.jaccard.values == [1, 0.75, 0.75, 1])
        #expect(!overlaps.areSame)
    }

    @Test("Union, intersection and difference keep what they should, and are valid graphs")
    func operations() throws {
        let second = graph(1) {
            $0.edges.kept[6] = false
            $0.edges.kept[7] = true
        }
        func kept(_ operation: CircuitSetOperation) throws -> [Bool] {
            let result = try graph(0).applying(operation, with: second)
            #expect(result.prompts.count == 1 && result.tokens == [2, 7])
            let names = AttributionGraphArtifact.sample.nodes.names[0..<9]
            #expect(result.nodes.names == Array(names))
            _ = try FeatureGraph(PromptGraph(name: "r.h5", result, prompt: 0))
            _ = try result.makeContent()
            return result.edges.kept
        }
        #expect(try kept(.union) == [true, true, true, true, true])
        #expect(try kept(.intersection) == [true, false, false, true, true])
        #expect(try kept(.difference) == [false, true, false, false, false])
        let difference = try graph(0).applying(.difference, with: second)
        #expect(difference.nodes.kept.filter { $0 }.count == 2)
    }

    @Test("A union takes nodes that the first graph lacks")
    func union() throws {
        // The first graph lacks m1.f60@1 with its edges.
        var artifact = AttributionGraphArtifact.sample
        let small = try PromptGraph(name: "g", artifact, prompt: 0).applying(
            .intersection, with: PromptGraph(name: "g", artifact, prompt: 0))
        artifact = small
        artifact.nodes.names[1] = "m1.f59@1"
        artifact.nodes.features[1] = 59
        let union = try PromptGraph(name: "a", artifact, prompt: 0)
            .applying(.union, with: PromptGraph(name: "b", small, prompt: 0))
        #expect(union.nodes.names.prefix(3) == ["m0.f5@1", "m1.f59@1", "m1.f60@1"])
        #expect(union.edges.weights.count == 8)
        let scores = try FeatureGraph(PromptGraph(name: "u", union, prompt: 0)).scores()
        #expect(union.prompts[0].replacement == scores.replacement)
        var other = small
        other.tokens = [2, 8]
        #expect(throws: Failure.self) {
            try PromptGraph(name: "a", small, prompt: 0)
                .applying(.union, with: PromptGraph(name: "b", other, prompt: 0))
        }
    }

    @Test("Edges between supernodes are sums of kept edges")
    func supernodes() throws {
        let graph = graph(0)
        let groups = [
            Supernode(name: "both", members: try graph.nodes(named: ["m0.f5@1", "m1.f60@*"])),
            Supernode(name: "wrong", members: try graph.nodes(named: ["m1.error@1"])),
        ]
        let supernodes = SupernodeGraph(graph, groups)
        #expect(supernodes.nodes.map(\.name) == ["both", "wrong", "input@1", "logits.t9"])
        #expect(supernodes.nodes[0].influence == 0.875)
        func weight(_ source: Int, _ target: Int) -> Float? {
            supernodes.edges.first { $0.source == source && $0.target == target }?.weight
        }
        // The edge of weight 0.25 from the token isn't kept, that within the group isn't one between two.
        #expect(weight(2, 0) == 1 && weight(0, 3) == 2 && weight(1, 3) == -1)
        #expect(supernodes.edges.count == 3)
        #expect(throws: Failure.self) { try graph.nodes(named: ["m0.f6@1"]) }
    }

    @Test("A merge counts graphs, whatever the positions, and averages")
    func merge() throws {
        let folder = try ScratchFolder()
        func file(
            _ name: String, _ change: (inout AttributionGraphArtifact) -> Void = { _ in }
        ) throws -> Artifact<AttributionGraphArtifact> {
            var artifact = AttributionGraphArtifact.sample
            change(&artifact)
            let path = folder.path(name)
            try artifact.write(to: ArtifactOutput(path), provenance: .sample())
            return try .init(reading: path)
        }
        let first = try file("a.h5")
        let second = try file("b.h5") {
            // Of the second file prompt 1 doesn't keep m1.f60, and prompt 0 has it elsewhere.
            $0.nodes.kept[10] = false
            $0.edges.kept[6] = false
            $0.nodes.names[1] = "m1.f60@0"
            $0.nodes.positions[1] = 0
            $0.nodes.influences[1] = 0.1
        }
        let circuit = try FeatureCircuitArtifact(merging: [first, second], share: 0.8)
        #expect(circuit.graphs.count == 4)
        #expect(circuit.features.map(\.name) == ["m0.f5", "m1.f60"])
        #expect(circuit.features.map(\.count) == [4, 3])
        #expect(circuit.features.map(\.inCircuit) == [true, false])
        #expect(abs(circuit.features[1].influence - 0.4) < 1e-12)
        #expect(circuit.edges.isEmpty)
        let loose = try FeatureCircuitArtifact(merging: [first, second], share: 0.75)
        #expect(loose.circuit.count == 2)
        #expect(loose.edges == [.init(source: 0, target: 1, count: 3, weight: -0.5)])
        #expect(throws: Failure.self) {
            try FeatureCircuitArtifact(merging: [first, first], share: 0.5)
        }
    }
}

extension Artifact<AttributionGraphArtifact> {
    fileprivate init(reading path: String) throws {
        self = try AttributionGraphArtifact.read(from: path)
    }
}
