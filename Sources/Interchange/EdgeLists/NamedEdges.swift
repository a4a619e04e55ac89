import Artifacts
import Basics
import Graphs

/// A circuit that a file gives as names of edges; the graph that they are of is taken from `--like`.
struct NamedEdges {
    private let graph: GraphTable
    private let numbers: [String: Int]
    private let file: ForeignFile
    private let like: LikeArtifact
    private var inCircuit: [Bool]
    private var scores: [Float]?

    /// No edges yet.
    /// - Throws: ``Basics/Failure`` (usage) where there is no graph to look names up in.
    init(of file: ForeignFile, by job: ReadingJob) throws(Failure) {
        like = try job.requireLike(file, for: "what graph its edges are of")
        guard let graph = like.graph, graph.level == "edge" || graph.level == "neuron" else {
            throw Failure(
                .usage,
                "\(like.name): it has no graph of edges: name with --like a circuit or edge scores of "
                    + "the model, such as circuit-score makes")
        }
        self.graph = graph
        self.file = file
        numbers = Dictionary(
            (0..<graph.edgeCount).map { (graph.edgeName($0), $0) },
            uniquingKeysWith: { first, _ in first })
        inCircuit = [Bool](repeating: false, count: graph.edgeCount)
    }

    /// Whether heads share keys and values in the graph.
    var sharesKeyValueHeads: Bool { graph.receivers.contains { $0.contains(".kv") } }

    /// Adds the edge of this name.
    mutating func add(_ name: String, score: Float? = nil) throws(Failure) {
        guard let edge = numbers[name] else {
            throw Failure(
                .badData,
                "\(file.name): the graph of \(like.name), \(graph.nLayers) layers of \(graph.nHeads) "
                    + "heads, has no edge `\(name.prefix(80))`")
        }
        inCircuit[edge] = true
        guard let score else { return }
        scores = scores ?? [Float](repeating: .nan, count: graph.edgeCount)
        scores?[edge] = score
    }

    /// Stores the circuit.
    func store(by job: ReadingJob) throws {
        try job.store(
            CircuitArtifact(
                model: like.model, graph: graph, inCircuit: inCircuit,
                nodeInCircuit: GraphTopology(graph).nodes(of: inCircuit), scores: scores,
                method: "imported", metric: "", datasetDigest: like.datasetDigest),
            of: file)
    }
}

extension ArtifactFile {
    /// The circuit that it holds, for formats that hold only which edges are in it; the rest is said.
    func circuitOfEdges(by job: WritingJob) throws -> CircuitArtifact {
        let read = try circuit()
        if let note = read.noteOfMainRun { job.remark(note) }
        var parts = read.content.partsBesideGraph
        if read.content.scores != nil { parts.append("scores") }
        job.leaveOut(parts)
        return read.content
    }
}
