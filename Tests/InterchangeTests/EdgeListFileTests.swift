import Artifacts
import Basics
import Foundation
import Graphs
import Interchange
import TestSupport
import Testing

@Suite("Circuits as lists of edges")
struct EdgeListFileTests {
    private let graph = ComputationalGraph(nLayers: 2, nHeads: 2, nKeyValueHeads: 2, dModel: 8)

    private func read(_ text: String) throws -> CircuitArtifact {
        let folder = try ScratchFolder()
        let path = folder.path("list.json")
        try Data(text.utf8).write(to: URL(filePath: path))
        return try EdgeListFile.circuit(path, in: graph, of: nil)
    }

    @Test("Edges are names, or objects that may leave an edge out")
    func namesAndObjects() throws {
        let circuit = try read(
            """
            {"edges": ["input->m0", {"edge": "m0->a1.h1<v>", "through": ["x"], "varies": true},
             {"edge": "a1.h1->logits", "in_circuit": true},
             {"edge": "m1->logits", "in_circuit": false}], "reads": {}}
            """)
        let names = circuit.inCircuit.indices.filter { circuit.inCircuit[$0] }
            .map { circuit.graph.edgeName($0) }
        #expect(names == ["input->m0", "m0->a1.h1<v>", "a1.h1->logits"])
        #expect(circuit.method == "known" && circuit.nodeInCircuit.count { $0 } == 4)
    }

    @Test(
        "A list that is not one, or names an edge that the graph lacks, is bad data",
        arguments: [
            "", "[]", "{}", "{\"edges\": 3}", "{\"edges\": [3]}", "{\"edges\": [\"m1->m0\"]}",
            "{\"edges\": [{\"node\": \"m0\"}]}", "{\"edges\": [\"embed->m0\"]}",
        ])
    func badLists(text: String) {
        let error = #expect(throws: Failure.self) { try read(text) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("A file that is not there is missing input")
    func missingFile() {
        let error = #expect(throws: Failure.self) {
            try EdgeListFile.circuit("/none.json", in: graph, of: nil)
        }
        #expect(error?.kind == .missingInput)
    }

    /// The edges of the compiled programs.
    @Test(
        "The lists of the compiled programs are read; all their edges lie on paths to the logits",
        arguments: [("reverse", 4, 13, 77), ("xproportion", 2, 5, 23)])
    func tracr(program: String, layers: Int, edges: Int, all: Int) throws {
        let graph = ComputationalGraph(
            nLayers: layers, nHeads: 1, nKeyValueHeads: 1, dModel: 8)
        let circuit = try EdgeListFile.circuit(
            Fixture.path("tracr/\(program)/truth.json"), in: graph, of: nil)
        #expect(circuit.inCircuit.count { $0 } == edges && circuit.inCircuit.count == all)
        // Every edge of a program is on a path from the input to the logits.
        let topology = try GraphTopology(circuit.graph)
        #expect(topology.pruned(circuit.inCircuit) == circuit.inCircuit)
    }
}
