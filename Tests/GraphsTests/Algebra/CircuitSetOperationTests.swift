import Artifacts
import Graphs
import TestSupport
import Testing

@Suite("Union, intersection and difference of circuits")
struct CircuitSetOperationTests {
    let first = CircuitArtifact.sample(edges: ["input->m0": 1, "m0->logits": 2])
    let second = CircuitArtifact.sample(edges: ["m0->logits": 3, "input->m1": 4, "m1->logits": 5])

    private func edges(_ circuit: CircuitArtifact) -> Set<String> {
        Set(circuit.inCircuit.indices.filter { circuit.inCircuit[$0] }.map(circuit.graph.edgeName))
    }

    private func nodes(_ circuit: CircuitArtifact) -> Set<String> {
        Set(zip(circuit.graph.nodes, circuit.nodeInCircuit).filter(\.1).map(\.0))
    }

    @Test("The union has all edges of both circuits, and the first one's score of a common edge")
    func union() throws {
        let result = try first.applying(.union, with: second)
        #expect(edges(result) == ["input->m0", "m0->logits", "input->m1", "m1->logits"])
        #expect(nodes(result) == ["input", "m0", "m1", "logits"])
        #expect(result.method == "union")
        #expect(result.threshold == nil && result.decisions.isEmpty)
        #expect(result.circuitMetric.isNaN, "the result was never run")
        let index = try #require(
            result.graph.senderOfEdge.indices.first { result.graph.edgeName($0) == "m0->logits" })
        #expect(result.scores?[index] == 2, "the first circuit's score goes before the second's")
    }

    @Test("The intersection has the edges that both circuits have")
    func intersection() throws {
        let result = try first.applying(.intersection, with: second)
        #expect(edges(result) == ["m0->logits"])
        #expect(nodes(result) == ["input", "m0", "logits"])
    }

    @Test("The difference has only the nodes that its edges join")
    func difference() throws {
        let result = try first.applying(.difference, with: second)
        #expect(edges(result) == ["input->m0"])
        #expect(nodes(result) == ["input", "m0"])
    }

    @Test("A circuit of another graph is refused")
    func otherGraph() {
        let other = CircuitArtifact.sample(.sample(layers: 3), edges: [:])
        #expect(throws: (any Error).self) { try first.applying(.union, with: other) }
    }
}
