import Artifacts
import Basics
import Graphs

/// A circuit as the names of its edges, `{"edges": ["input->m0", ...]}`: see ``EdgeListFile``.
struct EdgeListFormat: InterchangeFormat {
    let name = "edge-list"
    let origin =
        "CircuitTools: names of a circuit's edges; what `circuit-show --json` prints is one"
    let extensions = ["json"]
    let recognition = "a list under the key `edges`"
    let reads: [ArtifactKind] = [.circuit]
    let writes: [ArtifactKind] = [.circuit]
    let cannotHold =
        "the graph (reading takes it from `--like`), scores, single neurons, decisions, further runs, "
        + "roles, metric and threshold, model and dataset"

    func recognizes(_ file: ForeignFile) -> Bool {
        let start = file.textStart.filter { !$0.isWhitespace }
        return start.hasPrefix("{") && start.contains("\"edges\":[")
            && !start.contains("\"links\":[")
            && !start.contains("\"multigraph\":")
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let like = try job.requireLike(file, for: "what graph its edges are of")
        guard let graph = like.graph else {
            throw Failure(
                .usage,
                "\(like.name): it has no graph: name with --like a circuit or edge scores of the model"
            )
        }
        var circuit = try EdgeListFile.circuit(
            file.path == "/dev/stdin" ? "-" : file.path, in: ComputationalGraph(graph),
            of: like.model)
        circuit.datasetDigest = like.datasetDigest
        try job.store(circuit, of: file)
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let circuit = try artifact.circuitOfEdges(by: job)
        let names = circuit.inCircuit.indices.filter { circuit.inCircuit[$0] }.map {
            PythonJSON.string(circuit.graph.edgeName($0))
        }
        try job.write("{\"edges\": [" + names.joined(separator: ", ") + "]}\n")
    }
}
