import Artifacts
import Basics
import Foundation
import Interchange
import TestSupport
import Testing

@Suite("Circuits of MIB and EAP-IG")
struct EAPIGGraphTests {
    /// What the JSON says of an edge.
    private struct Expected: Decodable {
        struct Edge: Decodable {
            var score: Double
            var in_graph: Bool
        }
        struct Node: Decodable { var in_graph: Bool }
        var edges: [String: Edge]
        var nodes: [String: Node]
    }

    private let expected: Expected

    init() throws {
        expected = try JSONDecoder().decode(
            Expected.self, from: Data(at: Converting.fixture("mib.json")))
    }

    @Test("MIB's JSON becomes a circuit, and the same JSON again, byte for byte")
    func json() throws {
        let converting = Converting()
        let (path, remarks) = try converting.read(Converting.fixture("mib.json"))
        #expect(remarks.contains { $0.contains("--kv-heads") })
        try check(CircuitArtifact.read(from: path).content)
        let back = try converting.write(path, as: "mib-json")
        #expect(try Data(at: back.path) == Data(at: Converting.fixture("mib.json")))
        #expect(back.remarks.isEmpty, "\(back.remarks)")
    }

    @Test(
        "EAP-IG's files are read, also views of other tensors, and nodes' scores are kept",
        arguments: ["eap-ig.pt", "eap-ig-strided.pt"])
    func torch(name: String) throws {
        let converting = Converting()
        let (path, _) = try converting.read(Converting.fixture(name))
        try check(CircuitArtifact.read(from: path).content)
        let scores = try converting.read(
            Converting.fixture(name), as: .edgeScores,
            like: converting.store(EdgeScoresArtifact.interchange))
        let content = try EdgeScoresArtifact.read(from: scores.path).content
        let names = content.scores.indices.map { content.graph.edgeName($0) }
        for (name, score) in zip(names, content.scores) {
            #expect(Float(expected.edges[name]?.score ?? .nan) == score)
        }
        // One node of the first file has no score.
        #expect(content.nodeScores == nil)
        #expect(
            scores.remarks.contains { $0.hasPrefix("scores of nodes") } == (name == "eap-ig.pt"))
        // What is written is read again as it was; torch itself reads it in check_interchange.py.
        let written = try converting.write(path, as: "eap-ig-pt")
        let again = try converting.read(written.path)
        #expect(try ArtifactFile(again.path).header.digest == ArtifactFile(path).header.digest)
    }

    @Test(
        "Scores of nodes go to both kinds of file and come back",
        arguments: ["eap-ig-pt", "mib-json"])
    func nodeScores(format: String) throws {
        let converting = Converting()
        var scores = EdgeScoresArtifact.interchange
        scores.nodeScores = [1, -2, 0.5, 3, 4, 5, 6, 0]
        let path = try converting.store(scores)
        let written = try converting.write(path, as: format)
        #expect(written.remarks.contains { $0.contains("scores of neurons") })
        let again = try converting.read(written.path, as: .edgeScores, like: path)
        let content = try EdgeScoresArtifact.read(from: again.path).content
        #expect(content.scores == scores.scores && content.nodeScores == scores.nodeScores)
        #expect(content.model == scores.model && content.datasetDigest == scores.datasetDigest)
    }

    private func check(_ circuit: CircuitArtifact) throws {
        #expect(circuit.inCircuit.count == expected.edges.count && circuit.model == nil)
        for edge in circuit.inCircuit.indices {
            let entry = try #require(expected.edges[circuit.graph.edgeName(edge)])
            #expect(circuit.inCircuit[edge] == entry.in_graph)
            #expect(circuit.scores?[edge] == Float(entry.score))
        }
        for (node, isIn) in zip(circuit.graph.nodes, circuit.nodeInCircuit) {
            #expect(expected.nodes[node]?.in_graph == isIn, "\(node)")
        }
    }

    @Test("Heads that share keys: said by --kv-heads when reading, refused when writing grouped")
    func sharedHeads() throws {
        let converting = Converting()
        let (path, remarks) = try converting.read(
            Converting.fixture("mib.json"), keyValueHeads: 1)
        #expect(remarks.isEmpty)
        let graph = try CircuitArtifact.read(from: path).content.graph
        #expect(graph.nKeyValueHeads == 1 && graph.ungroupedKeyValue)
        let back = try converting.write(path, as: "mib-json")
        #expect(try Data(at: back.path) == Data(at: Converting.fixture("mib.json")))
        let grouped = try converting.store(
            CircuitArtifact.sample(.sample(keyValueHeads: 1), edges: ["input->m0": 1]))
        let error = #expect(throws: Failure.self) {
            try converting.write(grouped, as: "mib-json")
        }
        #expect(error?.description.contains("--ungroup-kv") == true)
        let uneven = #expect(throws: Failure.self) {
            try converting.read(Converting.fixture("mib.json"), keyValueHeads: 3)
        }
        #expect(uneven?.kind == .badData || uneven?.kind == .usage)
    }

    @Test("What a circuit has besides is named when it is left out")
    func leftOut() throws {
        let converting = Converting()
        let path = try converting.store(CircuitArtifact.interchange)
        let said = try converting.write(path, as: "mib-json").remarks.joined(separator: "\n")
        for part in ["4 decisions", "2 further runs", "roles", "metric kl", "single neurons"] {
            #expect(said.contains(part), "\(part) in: \(said)")
        }
    }

    @Test(
        "A file whose graph is not whole, or not a graph, is bad data that names the place",
        arguments: [
            ("\"input->a0.h0<q>\"", "\"input->a9.h0<q>\"", "input->a0.h0<q>"),
            ("\"a1.h1->logits\": {", "\"m9->logits\": {", "a1.h1->logits"),
            ("\"n_layers\": 2", "\"n_layers\": 3", "a2.h0<q>"),
            ("\"n_layers\": 2", "\"n_layers\": 1000000", "1000000 layers"),
            ("\"n_layers\": 2", "\"n_layers\": -1", "-1 layers"),
            ("\"n_layers\": 2", "\"n_layers\": 400", "more edges than the 46"),
            ("\"in_graph\": true", "\"in_graph\": 3", "wrong type"),
            ("\"score\": ", "\"score\": 1e39, \"scores\": ", "too large"),
            ("\"a1.h1\": {", "\"a7.h1\": {", "a1.h1"),
        ])
    func damaged(old: String, new: String, named: String) throws {
        let converting = Converting()
        let text = String(decoding: try Data(at: Converting.fixture("mib.json")), as: UTF8.self)
        let place = try #require(text.range(of: old))
        let path = converting.folder.path("bad.json")
        try Data(text.replacingCharacters(in: place, with: new).utf8).write(
            to: URL(filePath: path))
        let error = #expect(throws: Failure.self) { try converting.read(path) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }
}
