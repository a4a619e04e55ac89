import Artifacts
import Basics
import Foundation
import Graphs
import TestSupport
import Testing

/// Circuits from scores against a brute-force implementation in Python.
@Suite("Selections of edges by their scores")
struct EdgeSelectionTests {
    static let cases = EvaluationReference.families

    private func load(_ family: String) throws -> (EvaluationReference, GraphTable) {
        let data = try Fixture.data("reference/\(family)/evaluation.json")
        let (nLayers, nKeyValueHeads) =
            switch family {
            case "tiny-gpt2": (3, 4)
            case "tiny-gemma": (3, 1)
            case "tiny-smollm3": (4, 2)
            default: (3, 2)
            }
        let graph = ComputationalGraph(
            nLayers: nLayers, nHeads: 4, nKeyValueHeads: nKeyValueHeads, dModel: 8)
        let reference = try JSONDecoder().decode(EvaluationReference.self, from: data)
        return (reference, graph.table)
    }

    @Test("Top-n and greedy selections equal the reference's", arguments: cases)
    func referenceSelections(family: String) throws {
        let (reference, graph) = try load(family)
        let topology = try GraphTopology(graph)
        #expect(graph.edgeCount == reference.scores.count)
        for expected in reference.selections {
            let selection = EdgeSelection(
                .edges(expected.count), greedy: expected.greedy, absolute: expected.absolute)
            let taken = selection.ranking(reference.scores, in: topology)
                .first(expected.count, of: graph.edgeCount)
            #expect(taken == EvaluationReference.flags(expected.taken))
            let selected = selection.select(reference.scores, in: topology)
            #expect(selected.inCircuit == EvaluationReference.flags(expected.pruned))
            #expect(selected.nominalCount == expected.count)
        }
        #expect(reference.selections.count == 24)
    }

    @Test("Edges of equal scores are ranked by their numbers, and NaN isn't ranked")
    func ties() {
        #expect(EdgeRanking(best: [1, 2, -2, 1, .nan], absolute: false).order == [1, 0, 3, 2])
        #expect(EdgeRanking(best: [1, 2, -2, 1, .nan], absolute: true).order == [1, 2, 0, 3])
    }

    @Test("A threshold takes the edges whose scores reach it")
    func thresholds() throws {
        let graph = GraphTable.sample()
        let topology = try GraphTopology(graph)
        let scores = (0..<graph.edgeCount).map { Float($0) - 20 }
        for (threshold, absolute, count) in [
            (0.0, false, graph.edgeCount - 20), (0.5, false, graph.edgeCount - 21),
            (19, true, 2 + graph.edgeCount - 39), (1000, true, 0), (-1000, false, graph.edgeCount),
        ] {
            let selection = EdgeSelection(.threshold(threshold), absolute: absolute)
            #expect(selection.select(scores, in: topology).nominalCount == count)
        }
        // From the logits backwards nothing is reached past edges that are too weak.
        let weakEnd = (0..<graph.edgeCount).map {
            Float(graph.edgeName($0).hasSuffix("logits") ? 0 : 1)
        }
        for (threshold, count) in [(0.5, 0), (0, graph.edgeCount)] {
            let selection = EdgeSelection(.threshold(threshold), greedy: true)
            #expect(selection.select(weakEnd, in: topology).nominalCount == count)
        }
    }

    @Test("The number of edges of a share is rounded down")
    func shares() throws {
        #expect(EdgeSelection.count(of: 0.001, in: 32_491) == 32)
        #expect(EdgeSelection.count(of: 0.29, in: 100) == 29)
        #expect(EdgeSelection.count(of: 1, in: 70_651) == 70_651)
        #expect(EdgeSelection.count(of: 0, in: 5) == 0)
    }

    @Test(
        "A budget takes edges until the next one would exceed it",
        arguments: [0, 1, 5, 17, 40, 10_000])
    func budgets(budget: Int) throws {
        let (reference, graph) = try load("tiny-gpt2")
        let topology = try GraphTopology(graph)
        for greedy in [false, true] {
            let selection = EdgeSelection(.budget(budget), greedy: greedy, absolute: true)
            let selected = selection.select(reference.scores, in: topology)
            #expect(selected.edgeCount <= budget)
            guard selected.nominalCount < graph.edgeCount else { continue }
            var more = selection
            more.size = .edges(selected.nominalCount + 1)
            #expect(more.select(reference.scores, in: topology).edgeCount > budget)
        }
    }

    @Test("A circuit records the selection and the scores that it was made from")
    func sourceOfACircuit() throws {
        var scores = EdgeScoresArtifact.sample
        scores.scores = scores.scores.indices.map { Float($0 % 5) - 2 }
        let circuit = try CircuitArtifact(
            EdgeSelection(.edges(10), absolute: true), from: scores, digest: "d")
        #expect(circuit.nominalEdgeCount == 10 && circuit.method == "top-n")
        #expect(circuit.order == "absolute" && circuit.scoresDigest == "d")
        #expect(circuit.metric == scores.metric && circuit.fullMetric == scores.fullMetric)
        #expect(circuit.inCircuit.count { $0 } <= 10)
        // Every node of the circuit has an edge of it.
        let joined = try GraphTopology(circuit.graph).nodes(of: circuit.inCircuit)
        #expect(circuit.nodeInCircuit == joined)
    }

    /// A head's output at one position depends on its keys and values at earlier ones.
    @Test("Values reach later positions, and earlier ones only without a causal mask")
    func positions() throws {
        var graph = GraphTable.sample(layers: 1, heads: 1)
        graph.level = "position"
        graph.nodes = ["input@0", "input@1", "a0.h0@0", "a0.h0@1", "logits@1"]
        graph.receivers = ["a0.h0<q>@0", "a0.h0<v>@0", "a0.h0<v>@1", "logits@1"]
        graph.senderOfEdge = [0, 0, 1, 2, 3]
        graph.receiverOfEdge = [0, 1, 2, 3, 3]
        let causal = try GraphTopology(graph)
        // The value of position 0 reaches the output of position 1, its query doesn't.
        #expect(
            causal.pruned([true, true, false, false, true]) == [false, true, false, false, true])
        // The value of position 1 reaches the output of position 0 only without a causal mask.
        let backwards = [false, false, true, true, false]
        #expect(causal.pruned(backwards) == [false, false, false, false, false])
        #expect(try GraphTopology(graph, isCausal: false).pruned(backwards) == backwards)
    }

    @Test("A receiver that belongs to no node is refused")
    func unknownReceiver() throws {
        var graph = GraphTable.sample()
        graph.receivers[0] = "b0<q>"
        let error = #expect(throws: Failure.self) { try GraphTopology(graph) }
        #expect(error?.kind == .badData && error?.description.contains("b0<q>") == true)
    }
}
