import Artifacts
import Basics
import Graphs

extension EAPIGGraph {
    /// The kinds of artifact that such a graph is turned into and made of.
    static let kinds: [ArtifactKind] = [.circuit, .edgeScores]

    /// What an artifact has and such a graph has no place for.
    static let cannotHold =
        "keys and values that heads share (`--ungroup-kv` makes such graphs), levels other than "
        + "edges, single neurons, decisions, further runs, roles, metric and threshold, scores per "
        + "pair, model and dataset"

    /// Stores the graph as an artifact of `kind`.
    func store(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let table = graph.table
        if let other = job.like?.graph, let name = job.like?.name,
            (other.nLayers, other.nHeads, other.dModel)
                != (table.nLayers, table.nHeads, table.dModel)
        {
            throw Failure(
                .badData,
                "\(file.name): its graph has \(table.nLayers) layers of \(table.nHeads) heads, d_model "
                    + "\(table.dModel), and that of \(name) \(other.nLayers) of \(other.nHeads), "
                    + "\(other.dModel)")
        }
        if job.keyValueHeads == nil, job.like == nil {
            job.remark(
                "the file doesn't say whether heads share keys and values: \(graph.nHeads) key-value "
                    + "heads are taken (--kv-heads says how many there are)")
        }
        guard kind == .edgeScores else {
            let hasScores = scores.contains { !$0.isNaN }
            if senderScores != nil {
                job.remark("scores of nodes are left out: a circuit has none")
            }
            return try job.store(
                CircuitArtifact(
                    model: job.like?.model, graph: table, inCircuit: inCircuit,
                    nodeInCircuit: senderInCircuit + [true], scores: hasScores ? scores : nil,
                    method: "imported", metric: "", datasetDigest: job.like?.datasetDigest),
                of: file)
        }
        let like = try job.requireLike(file, for: "which model and dataset its scores are of")
        guard let model = like.model, let dataset = like.datasetDigest else {
            throw Failure(.usage, "\(like.name): it names no model, or no dataset, for the scores")
        }
        if inCircuit.contains(true) {
            job.remark("which edges are in the circuit is left out: scores don't say")
        }
        // `logits`, which no node reads, has the score 0 in ours.
        let isScored = senderScores?.allSatisfy(\.isFinite) ?? false
        if senderScores != nil, !isScored {
            job.remark("scores of nodes are left out: some nodes have none")
        }
        try job.store(
            EdgeScoresArtifact(
                model: model, graph: table, scores: scores,
                nodeScores: isScored ? senderScores.map { $0 + [0] } : nil, method: "imported",
                metric: "",
                datasetDigest: dataset),
            of: file)
    }

    /// The graph of an artifact that is a circuit or edge scores; what it has besides is said.
    init(_ artifact: ArtifactFile, by job: WritingJob) throws {
        do {
            if artifact.header.kind == .circuit {
                let read = try artifact.circuit()
                if let note = read.noteOfMainRun { job.remark(note) }
                try self.init(read.content)
                job.leaveOut(read.content.partsBesideGraph)
                if read.content.scores == nil {
                    job.remark("the circuit has no scores: 0 stands for each")
                }
            } else {
                let scores = try artifact.read(EdgeScoresArtifact.self).content
                try self.init(of: scores.graph)
                self.scores = scores.scores
                senderScores = scores.nodeScores.map { Array($0.prefix(graph.senders.count)) }
                job.leaveOut(scores.partsBesideEdges)
            }
        } catch let failure as Failure {
            throw Failure(failure.kind, "\(artifact.name): \(failure.description)")
        }
    }

    private init(_ circuit: CircuitArtifact) throws(Failure) {
        try self.init(of: circuit.graph)
        scores = circuit.scores ?? [Float](repeating: 0, count: graph.edgeCount)
        inCircuit = circuit.inCircuit
        senderInCircuit = Array(circuit.nodeInCircuit.prefix(graph.senders.count))
    }
}
