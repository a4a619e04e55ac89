import Artifacts
import Basics
import Foundation
import Interchange
import TestSupport
import Testing

@Suite("Circuits and scores of other tools")
struct ConversionTests {
    /// The edges that the files of `fixtures/interchange` have in common, with their scores.
    private func circuit(_ converting: borrowing Converting) throws -> CircuitArtifact {
        try CircuitArtifact.read(
            from: converting.read(Converting.fixture("mib.json")).path
        ).content
    }

    @Test("Each format recognises its own files and no other's")
    func recognition() throws {
        for (file, format) in [
            ("mib.json", "mib-json"), ("eap-ig.pt", "eap-ig-pt"),
            ("auto-circuit.pt", "auto-circuit-pt"), ("acdc-edges.pkl", "acdc-edges"),
            ("edges.json", "edge-pruning-json"), ("cache.safetensors", "safetensors"),
            ("cache.npz", "npz"),
        ] {
            let path = Converting.fixture(file)
            let opened = try ForeignFile(path)
            let recognized = InterchangeFormats.all.filter { $0.recognizes(opened) }.map(\.name)
            #expect(recognized == [format], "\(file)")
        }
        let names = InterchangeFormats.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(
        "ACDC's and Edge-Pruning's edges are the same circuit",
        arguments: ["acdc-edges.pkl", "edges.json"])
    func edgeLists(name: String) throws {
        let converting = Converting()
        let expected = try circuit(converting)
        let like = try converting.store(CircuitArtifact.interchange)
        let (path, remarks) = try converting.read(Converting.fixture(name), like: like)
        let content = try CircuitArtifact.read(from: path).content
        #expect(content.inCircuit == expected.inCircuit)
        #expect(content.model == .sample)
        if name == "acdc-edges.pkl" {
            #expect(remarks.contains { $0.hasPrefix("1 edges from a head's input") })
            for edge in expected.inCircuit.indices where expected.inCircuit[edge] {
                #expect(content.scores?[edge] == expected.scores?[edge])
            }
        } else {
            let back = try converting.write(path, as: "edge-pruning-json")
            let lists = try [Converting.fixture(name), back.path].map {
                Set(try JSONDecoder().decode([[String]].self, from: Data(at: $0)))
            }
            #expect(lists[0] == lists[1])
        }
        let error = #expect(throws: Failure.self) {
            try converting.read(Converting.fixture(name))
        }
        #expect(error?.kind == .usage && error?.description.contains("--like") == true)
    }

    @Test("Names of edges are read again as they were written")
    func names() throws {
        let converting = Converting()
        let path = try converting.store(
            CircuitArtifact.sample(.interchange, edges: ["input->m0": 1, "m0->a1.h1<v>": 2]))
        let written = try converting.write(path, as: "edge-list")
        #expect(
            String(decoding: try Data(at: written.path), as: UTF8.self)
                == "{\"edges\": [\"input->m0\", \"m0->a1.h1<v>\"]}\n")
        let again = try converting.read(written.path, like: path)
        #expect(
            try CircuitArtifact.read(from: again.path).content.inCircuit
                == CircuitArtifact.read(from: path).content.inCircuit)
    }

    @Test("AutoCircuit's scores are those of the same edges, and come back")
    func autoCircuit() throws {
        let converting = Converting()
        let expected = try circuit(converting)
        let like = try converting.store(EdgeScoresArtifact.interchange)
        let (path, _) = try converting.read(Converting.fixture("auto-circuit.pt"), like: like)
        #expect(try EdgeScoresArtifact.read(from: path).content.scores == expected.scores)
        let written = try converting.write(path, as: "auto-circuit-pt")
        let (first, second) = (
            try TorchFile(path: Converting.fixture("auto-circuit.pt")),
            try TorchFile(path: written.path)
        )
        let modules = try #require(first.root.items).compactMap(\.key.text)
        #expect(modules.count == 9)
        for module in modules {
            let (ours, theirs) = (
                try #require(second.root[module]), try #require(first.root[module])
            )
            let one = try #require(try first.tensor(theirs))
            let other = try #require(try second.tensor(ours))
            #expect(one.shape == other.shape && one.floats() == other.floats(), "\(module)")
        }
        let large = try converting.store(
            CircuitArtifact.sample(.sample(layers: 3), edges: ["input->m0": 1]))
        let error = #expect(throws: Failure.self) {
            try converting.read(Converting.fixture("auto-circuit.pt"), like: large)
        }
        #expect(error?.kind == .usage)
    }

    @Test("A graph for networkx has an edge for each input, and for each head that shares keys")
    func exchangedGraphs() throws {
        let converting = Converting()
        let path = try converting.store(
            CircuitArtifact.sample(
                .sample(keyValueHeads: 1), edges: ["input->m0": 0.5, "m0->a1.kv0<k>": 2],
                nodes: ["a1.h0", "a1.h1"]))
        let json = try converting.write(path, as: "networkx-json")
        struct Graph: Decodable {
            struct Node: Decodable {
                var id: String
                var layer: Int?
            }
            struct Edge: Decodable {
                var source: String
                var target: String
                var key: String
                var score: Double
            }
            var nodes: [Node]
            var edges: [Edge]
        }
        let graph = try JSONDecoder().decode(Graph.self, from: Data(at: json.path))
        #expect(
            graph.edges.map { "\($0.source) \($0.target) \($0.key)" } == [
                "input m0 ", "m0 a1.h0 k", "m0 a1.h1 k",
            ])
        #expect(graph.edges.map(\.score) == [0.5, 2, 2])
        #expect(Set(graph.nodes.map(\.id)).isSuperset(of: ["input", "m0", "a1.h0", "a1.h1"]))
        let text = String(
            decoding: try Data(at: converting.write(path, as: "graphml").path), as: UTF8.self)
        #expect(text.hasSuffix("</graph>\n</graphml>\n"))
        #expect(
            text.contains(
                "<edge id=\"m0-&gt;a1.kv0&lt;k&gt; a1.h1\" source=\"m0\" target=\"a1.h1\">"))
    }

    @Test("The documentation's table of formats is that of the code")
    func table() throws {
        let path = Fixture.path("../docs/formats.md")
        let text = String(decoding: try Data(at: path), as: UTF8.self)
        #expect(
            text.contains(InterchangeFormats.table),
            "make it anew: circuit-convert --formats --markdown")
    }
}
