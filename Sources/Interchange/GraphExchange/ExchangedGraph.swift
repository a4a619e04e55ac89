import Artifacts
import Basics
import Graphs

/// A circuit or scores as any program for graphs takes them: nodes, and directed edges between nodes,
/// of which two can join the same nodes (by q and by k).
struct ExchangedGraph {
    /// A node with what is known of it.
    struct Node {
        var name: String
        /// `head`, `mlp`, `input`, `logits`.
        var role: String
        var layer: Int?
        var score: Float?
        var task: String?
    }

    /// An edge between two nodes.
    struct Edge {
        /// The edge's name in the artifact, `m0->a1.h0<q>`, which heads that share keys have in common.
        var name: String
        var source: Int
        var target: Int
        /// What it leads into: `q`, `k`, `v`; nil of other nodes.
        var input: String?
        var score: Float?
    }

    /// The kinds of artifact that are written.
    static let kinds: [ArtifactKind] = [.circuit, .edgeScores]

    /// What an artifact has and graphs haven't.
    static let cannotHold =
        "edges and nodes outside a circuit, keys and values that heads share as one receiver (an edge "
        + "into them is one for each head), decisions, further runs, single neurons, metric and "
        + "threshold, scores per pair, model and dataset"

    private(set) var nodes: [Node] = []
    private(set) var edges: [Edge] = []

    /// The circuit, or all edges of scores, of an artifact.
    init(_ artifact: ArtifactFile, by job: WritingJob) throws {
        if artifact.header.kind == .circuit {
            let read = try artifact.circuit()
            if let note = read.noteOfMainRun { job.remark(note) }
            let circuit = read.content
            let count = circuit.inCircuit.count { !$0 }
            job.leaveOut(
                (count > 0 ? ["\(count) edges outside the circuit"] : [])
                    + circuit.partsBesideGraph.filter { $0 != "roles" })
            try self.init(
                circuit.graph, edges: circuit.inCircuit, nodes: circuit.nodeInCircuit,
                scores: circuit.scores, nodeScores: nil, roles: circuit.roles)
        } else {
            let scores = try artifact.read(EdgeScoresArtifact.self).content
            job.leaveOut(scores.partsBesideEdges)
            try self.init(
                scores.graph, edges: scores.scores.map { _ in true },
                nodes: scores.graph.nodes.map { _ in true }, scores: scores.scores,
                nodeScores: scores.nodeScores, roles: nil)
        }
    }

    private init(
        _ graph: GraphTable, edges isIn: [Bool], nodes isNodeIn: [Bool], scores: [Float]?,
        nodeScores: [Float]?, roles: [String]?
    ) throws(Failure) {
        let topology = try GraphTopology(graph)
        var wanted = isNodeIn
        for edge in isIn.indices where isIn[edge] {
            wanted[Int(graph.senderOfEdge[edge])] = true
            for node in topology.nodesOfReceiver[Int(graph.receiverOfEdge[edge])] {
                wanted[node] = true
            }
        }
        var places = [Int](repeating: -1, count: graph.nodes.count)
        for (index, name) in graph.nodes.enumerated() where wanted[index] {
            let address = NodeAddress(name)
            places[index] = nodes.count
            let score = nodeScores.map { $0[index] }
            nodes.append(
                Node(
                    name: name, role: address?.roleName ?? "", layer: address?.layer,
                    score: score.flatMap { $0.isFinite ? $0 : nil },
                    task: roles.flatMap { $0[index].isEmpty ? nil : $0[index] }))
        }
        for edge in isIn.indices where isIn[edge] {
            let receiver = Int(graph.receiverOfEdge[edge])
            let score = scores.map { $0[edge] }
            for node in topology.nodesOfReceiver[receiver] {
                edges.append(
                    Edge(
                        name: graph.edgeName(edge), source: places[Int(graph.senderOfEdge[edge])],
                        target: places[node],
                        input: NodeAddress(graph.receivers[receiver])?.slot.map(String.init),
                        score: score.flatMap { $0.isFinite ? $0 : nil }))
            }
        }
    }
}
