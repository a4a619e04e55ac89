import Artifacts
import Basics
import Discovery
import Engine
import Evaluation
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Circuits of nodes and neurons, taken from their scores.
@Suite("Nodes and neurons are selected by their scores")
struct NodeSelectionTests {
    @Test("Nodes and neurons are taken by their scores, with all edges between them")
    func selections() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa")
        let scorer = try pairs.scorer(
            by: EAPIGInputs(steps: 5), .logitDifference, resolution: .neurons)
        let scores = EdgeScoresArtifact(
            try scorer.scores(), of: scorer, model: pairs.dataset.model, datasetDigest: "",
            cacheDigest: nil)
        let nodeScores = try #require(scores.nodeScores)
        let best = (1..<nodeScores.count - 1).sorted { nodeScores[$0] > nodeScores[$1] }
        let circuit = try CircuitArtifact(
            NodeSelection(.nodes, count: 4), from: scores, digest: "")
        let taken = Set(best.prefix(4) + [0])
        for edge in circuit.inCircuit.indices where circuit.inCircuit[edge] {
            #expect(taken.contains(Int(circuit.graph.senderOfEdge[edge])))
        }
        #expect(circuit.method == "top-nodes" && circuit.inCircuit.contains(true))
        // Scores without those of nodes add them up from their edges.
        var edgesOnly = scores
        (edgesOnly.nodeScores, edgesOnly.neuronScores) = (nil, nil)
        let same = try CircuitArtifact(
            NodeSelection(.nodes, count: 4), from: edgesOnly, digest: "")
        #expect(same.inCircuit == circuit.inCircuit)
        #expect(throws: Failure.self) {
            try CircuitArtifact(NodeSelection(.neurons, count: 4), from: edgesOnly, digest: "")
        }

        let table = try #require(scores.neuronScores)
        let ofNeurons = try CircuitArtifact(
            NodeSelection(.neurons, count: 20, absolute: true), from: scores, digest: "")
        let neurons = try #require(ofNeurons.neurons)
        let width = neurons.shape[1]
        let counted = neurons.values.indices.filter { $0 >= width && neurons.values[$0] }
        #expect(counted.count == 20)
        let least = try #require(counted.map { abs(table.values[$0]) }.min())
        let left = neurons.values.indices.filter {
            $0 >= width && !neurons.values[$0] && !table.values[$0].isNaN
        }
        #expect(left.allSatisfy { abs(table.values[$0]) <= least })
        #expect(ofNeurons.neuronCounts?[0] == Int32(scorer.graph.dModel))
        #expect(ofNeurons.weightedEdgeCount < Double(ofNeurons.inCircuit.count { $0 }))
    }
}
