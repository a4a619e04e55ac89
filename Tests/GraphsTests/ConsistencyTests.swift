import Artifacts
import Graphs
import TestSupport
import Testing

/// Artifacts that are valid by their schema and contradict themselves.
@Suite("Contradictions in artifacts") struct ConsistencyTests {
    private func contradictions(_ content: some ArtifactContent) throws -> [String] {
        let folder = try ScratchFolder()
        let path = folder.path("a.h5")
        try content.write(to: ArtifactOutput(path), provenance: .sample())
        let file = try ArtifactFile(path)
        #expect(try file.check() == [])
        return try file.contradictions().map(\.description)
    }

    private func expect(
        _ path: String, _ words: String, in content: some ArtifactContent,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = try contradictions(content)
        #expect(
            found.count == 1 && found[0].hasPrefix(path + ": ") && found[0].contains(words),
            "\(found)", sourceLocation: sourceLocation)
    }

    @Test("Samples of every kind agree with themselves")
    func samples() throws {
        #expect(try contradictions(CircuitArtifact.sampleOfSearch) == [])
        for kind in ArtifactKind.allCases where kind != .circuit {
            if let sample = kind.sample { #expect(try contradictions(sample) == []) }
        }
    }

    @Test("Edges go from what is computed to what is computed after it")
    func order() throws {
        let sample = EdgeScoresArtifact.sample
        let nodes = sample.graph.nodes
        let later = try #require(nodes.firstIndex(of: "a1.h0"))
        let first = try #require(sample.graph.receivers.firstIndex(of: "a0.h1<q>"))
        let edge = try #require(
            sample.graph.receiverOfEdge.firstIndex(of: Int32(first)))
        var scores = sample
        scores.graph.senderOfEdge[edge] = Int32(later)
        try expect("/edges/sender[\(edge)]", "a1.h0->a0.h1<q>", in: scores)
        // A head of the same layer reads the same residual stream.
        scores.graph.senderOfEdge[edge] = Int32(try #require(nodes.firstIndex(of: "a0.h0")))
        try expect("/edges/sender[\(edge)]", "a0.h0->a0.h1<q>", in: scores)
        // So does the MLP where attention and MLP are parallel.
        scores = sample
        scores.graph.parallelAttentionMLP = true
        #expect(try contradictions(scores).first?.contains("a0.h0->m0") == true)
    }

    @Test("Names fit the shape of the graph, and receivers its nodes")
    func names() throws {
        var scores = EdgeScoresArtifact.sample
        scores.graph.nLayers = 1
        #expect(
            try contradictions(scores).map { $0.prefix(12) } == ["/nodes/name[", "/receivers/n"])
        scores = .sample
        scores.graph.receivers[0] = "a9.h9<q>"
        #expect(try contradictions(scores).contains { $0.contains("is an input of no node") })
    }

    @Test("The decision log leads to the circuit")
    func log() throws {
        var circuit = CircuitArtifact.sampleOfSearch
        circuit.decisions[0].removed = true
        try expect("/decisions", "was removed, and /edges/in_circuit has it", in: circuit)
        circuit = .sampleOfSearch
        circuit.decisions[3].edge = circuit.decisions[2].edge
        circuit.decisions[3].removed = circuit.decisions[2].removed
        try expect("/decisions", "is decided twice", in: circuit)
        circuit = .sampleOfSearch
        circuit.runs[1].sharedDecisions = 5
        try expect("/runs/shared_decisions[1]", "which has fewer", in: circuit)
        circuit = .sampleOfSearch
        circuit.nodeInCircuit[0] = false
        try expect("/nodes/in_circuit", "its sender isn't", in: circuit)
        circuit = .sampleOfSearch
        circuit.neurons?.values[circuit.graph.nodes.count * 2 - 1] = true
        try expect("/nodes/neuron_in_circuit[7]", "logits has 0 neurons", in: circuit)
    }

    @Test("A kept edge is in the circuit, unless it is a loose end")
    func keptEdge() throws {
        let whole: [String: Float] = ["input->m0": 1, "m0->m1": 1, "m1->logits": 1]
        var circuit = CircuitArtifact.sample(edges: whole, nodes: ["input", "m0", "m1", "logits"])
        func decide(_ name: String) throws {
            let edge = try #require(
                (0..<circuit.graph.edgeCount).first { circuit.graph.edgeName($0) == name })
            circuit.inCircuit[edge] = false
            circuit.decisions = [
                LoggedDecision(edge: Int32(edge), before: 0, after: 1, removed: false)
            ]
        }
        // Nothing leads to a1.h0, so what it sends is a loose end.
        try decide("a1.h0->m1")
        #expect(try contradictions(circuit) == [])
        try decide("m0->m1")
        try expect("/decisions", "m0->m1 was kept and is no loose end", in: circuit)
    }

    @Test("Overlaps and intervals are those of their tables")
    func figures() throws {
        var diff = CircuitDiffArtifact.sample
        diff.edgeJaccard = 0.75
        try expect("/@edge_jaccard", "its table says 0.5", in: diff)
        var evaluation = EvaluationArtifact.sample
        evaluation.figures[0].lower = 2
        try expect("/figures", "the interval of cpr", in: evaluation)
    }
}
