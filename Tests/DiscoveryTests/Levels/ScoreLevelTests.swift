import Artifacts
import Basics
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Finer scores add up to coarser ones.
@Suite("Scores of finer and coarser levels")
struct ScoreLevelTests {
    @Test(
        "Scores at each position add up to the scores of edges", arguments: ScoringMethods.additive)
    func positions(method: any ScoringMethod) throws {
        // Prompts of several lengths: a position that a pair lacks adds nothing.
        let pairs = try ReferencePairs("tiny-llama-gqa", file: "ragged")
        let plain = try artifact(pairs.scorer(by: method, .logitDifference))
        let resolved = try artifact(
            pairs.scorer(by: method, .logitDifference, resolution: .positions))
        #expect(resolved.graph.level == "position")
        #expect(resolved.graph.nodes.count == (plain.graph.nodes.count - 1) * 8 + 1)
        let names = Set((0..<resolved.graph.edgeCount).map(resolved.graph.edgeName))
        #expect(names.contains("a0.h1@3->a1.kv0<v>@3") && names.contains("m1@7->logits@7"))
        #expect(!names.contains("m1@0->logits@0"), "no prompt ends there")
        let summed = try resolved.projected(to: .edge, keepingPositions: false)
        #expect(summed.graph == plain.graph)
        #expect(scoreGap(summed.scores, plain.scores, floor: 0.01) < 1e-4)
    }

    @Test(
        "Scores of neurons add up to those of nodes, and these to those of edges",
        arguments: ReferencePairs.families, [Ablation.resample, .mean])
    func neurons(family: String, ablation: Ablation) throws {
        let pairs = try ReferencePairs(family, file: "ragged")
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let methods: [any ScoringMethod] = [EAP(), EAPIGInputs(steps: 3)]
        for method in methods {
            let scores = try pairs.scores(
                by: method, .logitDifference, ablation: ablation, resolution: .neurons)
            #expect(
                try scores.mean
                    == pairs.scores(by: method, .logitDifference, ablation: ablation).mean)
            let nodes = try #require(scores.ofNodes)
            let neurons = try #require(scores.ofNeurons)
            #expect(neurons.shape[0] == nodes.count && nodes.count == graph.senders.count + 1)
            let sums = nodes.indices.map { node in
                neurons.values[node * neurons.shape[1]..<(node + 1) * neurons.shape[1]]
                    .filter { !$0.isNaN }.reduce(0, +)
            }
            // A norm between an MLP's neurons and the stream lets them add up to first order only:
            // see NeuronSlopeTests.
            let added = graph.senders.indices.filter { sender in
                guard case .mlp(let layer) = graph.senders[sender] else { return true }
                return pairs.transformer.layers[layer].postMLPNorm == nil
            }
            #expect(
                scoreGap(added.map { sums[$0] }, added.map { nodes[$0] }, floor: 0.01) < 2e-4,
                "\(family) \(method.name)")
            for sender in graph.senders.indices {
                let edges = graph.receivers.indices.compactMap {
                    graph.edge(from: sender, to: $0)
                }
                let sum = edges.reduce(0.0) { $0 + Double(scores.mean[$1]) }
                #expect(nodes[sender] == Float(sum))
            }
        }
    }

    @Test("Scores of neurons at each position add up to those of neurons, and of nodes there")
    func neuronsAtPositions() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa", file: "ragged")
        func scores(_ resolution: ScoreResolution) throws -> EdgeScoresArtifact {
            try artifact(
                pairs.scorer(by: EAPIGInputs(), .logitDifference, resolution: resolution))
        }
        let (plain, resolved) = try (scores(.neurons), scores([.neurons, .positions]))
        let (nodes, neurons) = (
            try #require(resolved.nodeScores), try #require(resolved.neuronScores)
        )
        #expect(nodes.count == resolved.graph.nodes.count && neurons.shape[0] == nodes.count)
        let sums = nodes.indices.map { node in
            neurons.values[node * neurons.shape[1]..<(node + 1) * neurons.shape[1]]
                .filter { !$0.isNaN }.reduce(0, +)
        }
        #expect(scoreGap(sums, nodes, floor: 0.01) < 2e-4)
        #expect(nodes.contains { $0 != 0 })
        let summed = try resolved.projected(to: .neuron, keepingPositions: false)
        #expect(summed.graph == plain.graph)
        let (all, expected) = (
            try #require(summed.neuronScores), try #require(plain.neuronScores)
        )
        #expect(all.shape == expected.shape)
        let both = zip(all.values, expected.values)
        #expect(both.allSatisfy { $0.isNaN == $1.isNaN })
        let numbers = both.filter { !$0.0.isNaN }
        #expect(scoreGap(numbers.map(\.0), numbers.map(\.1), floor: 0.01) < 2e-4)
    }

    @Test("Coarser levels keep the sum of all scores, and of each pair's")
    func projection() throws {
        let edges = try artifact(
            ReferencePairs("tiny-llama-gqa").scorer(by: EAPIGInputs(), .kl, resolution: .pairs))
        let heads = try edges.projected(to: .head, keepingPositions: false)
        let layers = try edges.projected(to: .layer, keepingPositions: false)
        #expect(heads.graph.level == "head" && layers.graph.level == "layer")
        #expect(heads.graph.nodes == edges.graph.nodes)
        #expect(heads.graph.receivers.contains("a1.kv0") && heads.graph.receivers.contains("a1.h0"))
        #expect(layers.graph.nodes.prefix(3) == ["input", "a0", "m0"])
        #expect(layers.graph.receivers.last == "logits")
        // Every layer's attention and MLP, and logits, read all before them.
        let readers = 2 * edges.graph.nLayers + 1
        #expect(layers.graph.edgeCount == readers * (readers + 1) / 2)
        for coarse in [heads, layers] {
            #expect(abs(sum(coarse.scores) - sum(edges.scores)) < 1e-5 * size(edges.scores))
            let (pairs, finePairs) = (try #require(coarse.perPair), try #require(edges.perPair))
            #expect(abs(sum(pairs.values) - sum(finePairs.values)) < 1e-5 * size(finePairs.values))
        }
        let name = { (scores: EdgeScoresArtifact, name: String) in
            (0..<scores.graph.edgeCount).filter { scores.graph.edgeName($0) == name }
                .reduce(Float(0)) { $0 + scores.scores[$1] }
        }
        let parts = ["k", "v"].map { name(edges, "m0->a1.kv0<\($0)>") }
        #expect(abs(name(heads, "m0->a1.kv0") - parts[0] - parts[1]) < 1e-6)
        // By way of heads and directly are the same.
        let stepwise = try heads.projected(to: .layer, keepingPositions: false)
        #expect(stepwise.graph == layers.graph)
        #expect(scoreGap(stepwise.scores, layers.scores) < 1e-5)
    }

    @Test("Scores that don't add up have no positions, and no scores become finer")
    func refusals() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        #expect(throws: Failure.self) {
            try pairs.scorer(by: Exact(), .kl, resolution: .positions)
        }
        #expect(throws: Failure.self) {
            try pairs.scorer(by: EAP(), .kl, resolution: [.pairs, .neurons])
        }
        let layers = try artifact(pairs.scorer(by: EAP(), .kl))
            .projected(to: .layer, keepingPositions: false)
        #expect(throws: Failure.self) {
            try layers.projected(to: .head, keepingPositions: false)
        }
        #expect(throws: Failure.self) { try GraphLevel(named: "block") }
    }

    /// The scores as they are stored.
    private func artifact(_ scorer: AttributionScorer) throws -> EdgeScoresArtifact {
        EdgeScoresArtifact(
            try scorer.scores(), of: scorer,
            model: ModelReference(name: "tiny", path: "", digest: "", family: "llama"),
            datasetDigest: "", cacheDigest: nil)
    }

    private func sum(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) } }
    private func size(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double(abs($1)) } }
}
