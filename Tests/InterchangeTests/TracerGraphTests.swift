import Artifacts
import Basics
import Foundation
import Graphs
import Interchange
import Models
import TestSupport
import Testing

/// A graph that circuit-tracer saved, against what its own functions say of it
/// (`tools/reference/make_tracer_graph.py`).
@Suite("Graphs of circuit-tracer")
struct TracerGraphTests {
    /// Attribution graphs of a model of three layers.
    private func like(_ converting: borrowing Converting, layers: Int = 3) throws -> String {
        var graphs = AttributionGraphArtifact.sample
        graphs.layerCount = layers
        graphs.settings.nodeThreshold = 0.8
        graphs.settings.edgeThreshold = 0.98
        return try converting.store(graphs)
    }

    @Test("Nodes, edges, pruning and scores are circuit-tracer's")
    func values() throws {
        let converting = Converting()
        let (path, remarks) = try converting.read(
            Converting.fixture("circuit-tracer.pt"), like: like(converting))
        let graph = try ArtifactFile(path).read(AttributionGraphArtifact.self).content
        let expected = try Safetensors(path: Converting.fixture("circuit-tracer.safetensors"))
        func values(_ name: String) throws -> [Float] { try expected.values(of: name).values }
        let count = graph.nodes.count

        let features = try values("features")
        let featureCount = features.count / 3
        for node in 0..<featureCount {
            let own = [
                graph.nodes.layers[node], graph.nodes.positions[node], graph.nodes.features[node],
            ]
            #expect(own.map(Float.init) == Array(features[3 * node..<3 * node + 3]))
        }
        #expect(try Array(graph.nodes.activations.prefix(featureCount)) == values("activations"))
        let tokens = try values("logit_tokens")
        #expect(graph.nodes.tokens.suffix(tokens.count).map(Float.init) == tokens)
        #expect(
            try graph.nodes.probabilities.suffix(tokens.count).map(Float.init)
                == values("probabilities"))
        #expect(graph.tokens == [2, 17, 33, 45, 9, 17])

        var adjacency = [Float](repeating: 0, count: count * count)
        var kept = [Float](repeating: 0, count: count * count)
        for edge in 0..<graph.edges.count {
            let place = Int(graph.edges.targets[edge]) * count + Int(graph.edges.sources[edge])
            adjacency[place] = graph.edges.weights[edge]
            kept[place] = graph.edges.kept[edge] ? 1 : 0
        }
        #expect(try adjacency == values("adjacency"))
        #expect(try kept == values("edge_kept"))
        #expect(try graph.nodes.kept.map { $0 ? 1 : 0 } == values("node_kept"))
        let cumulative = try values("cumulative")
        // Nodes without any influence are ranked in no particular order.
        for node in 0..<count where graph.nodes.influences[node] > 0 {
            #expect(abs(Float(graph.nodes.cumulative[node]) - cumulative[node]) < 1e-5)
        }
        let scores = try values("scores")
        let prompt = try #require(graph.prompts.first)
        #expect(abs(Float(prompt.replacement) - scores[0]) < 1e-5)
        #expect(abs(Float(prompt.completeness) - scores[1]) < 1e-5)
        #expect(prompt.activeFeatureCount == Int(try values("active_features")[0]))
        #expect(prompt.replacementWithLeftOut.isNaN && prompt.completenessWithLeftOut.isNaN)
        #expect(remarks.contains { $0.contains("20 of") })
        #expect(remarks.contains { $0.contains("0.98") })
    }

    @Test(
        "Graphs that earlier versions saved, with other keys, are the same",
        arguments: ["circuit-tracer-0.1.pt", "circuit-tracer-0.3.pt"])
    func earlier(name: String) throws {
        let converting = Converting()
        let now = try converting.read(
            Converting.fixture("circuit-tracer.pt"), like: like(converting)
        ).path
        var expected = try ArtifactFile(now).read(AttributionGraphArtifact.self).content
        let (path, _) = try converting.read(Converting.fixture(name), like: like(converting))
        let graph = try ArtifactFile(path).read(AttributionGraphArtifact.self).content
        // Of the targets they have no text.
        #expect(graph.nodes.texts == nil)
        expected.nodes.texts = nil
        expected.prompts[0].replacementWithLeftOut = 0
        expected.prompts[0].completenessWithLeftOut = 0
        var found = graph
        found.prompts[0].replacementWithLeftOut = 0
        found.prompts[0].completenessWithLeftOut = 0
        #expect(found == expected)
    }

    @Test("A model of other layers, and what isn't such a graph, are refused")
    func refused() throws {
        let converting = Converting()
        let fixture = Converting.fixture("circuit-tracer.pt")
        #expect {
            try converting.read(fixture, like: like(converting, layers: 2))
        } throws: {
            "\($0)".contains("3 layers") && "\($0)".contains("circuit-tracer.pt")
        }
        #expect {
            try converting.read(fixture)
        } throws: {
            "\($0)".contains("--like")
        }
        // A damaged byte.
        var bytes = [UInt8](try Data(at: fixture))
        let magic = Array("circuit_tracer.attribution.targets".utf8)
        let place = try #require(
            bytes.indices.first { bytes[$0...].starts(with: magic) }, "the class's name")
        bytes[place] = UInt8(ascii: "x")
        let path = converting.folder.path("other.pt")
        try Data(bytes).write(to: URL(filePath: path))
        #expect {
            try converting.read(path, like: like(converting))
        } throws: {
            ($0 as? Failure)?.kind == .badData
        }
    }
}
