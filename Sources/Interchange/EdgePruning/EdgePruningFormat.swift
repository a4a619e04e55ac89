import Artifacts
import Basics
import FoundationEssentials
import Graphs

/// The `edges.json` of Edge-Pruning (princeton-nlp/Edge-Pruning): a list of writers and readers.
struct EdgePruningFormat: InterchangeFormat {
    let name = "edge-pruning-json"
    let origin = "Edge-Pruning: `edges.json`, pairs of a writer and a reader"
    let extensions = ["json"]
    let recognition = "a list of lists of two names"
    let reads: [ArtifactKind] = [.circuit]
    let writes: [ArtifactKind] = [.circuit]
    let cannotHold =
        "the graph (reading takes it from `--like`), scores, single neurons, decisions, further runs, "
        + "roles, metric and threshold, model and dataset; token and position embeddings apart are one "
        + "`input` here"

    func recognizes(_ file: ForeignFile) -> Bool {
        let start = file.textStart.filter { !$0.isWhitespace }
        return start.hasPrefix("[[\"")
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let pairs = try file.json([[String]].self)
        var edges = try NamedEdges(of: file, by: job)
        var (direct, embeddings) = (0, Set<String>())
        for (index, pair) in pairs.enumerated() {
            guard pair.count == 2 else {
                throw Failure(
                    .badData,
                    "\(file.name), [\(index)]: a writer and a reader are needed, and there are "
                        + "\(pair.count) names")
            }
            // From a head's own q, k and v to the head: drawings have them.
            if [".q", ".k", ".v"].contains(where: pair[0].hasSuffix) {
                direct += 1
                continue
            }
            if pair[0].hasSuffix("embeds") { embeddings.insert(pair[0]) }
            let sender = pair[0].hasSuffix("embeds") ? Node.input.name : pair[0]
            let reader = Self.receiver(pair[1], isShared: edges.sharesKeyValueHeads)
            try edges.add("\(sender)->\(reader)")
        }
        if direct > 0 {
            job.remark(
                "\(direct) edges from a head's q, k or v to the head are left out: they are no choice"
            )
        }
        if embeddings.count > 1 {
            job.remark(
                "\(embeddings.sorted().joined(separator: " and ")) are one sender here: `input`")
        }
        try edges.store(by: job)
    }

    /// Our name of a reader: `a3.h7.q`, `m3`, `resid_post`.
    private static func receiver(_ name: String, isShared: Bool) -> String {
        if name == "resid_post" || name == "output" { return Receiver.logits.name }
        guard let slot = [".q", ".k", ".v"].first(where: name.hasSuffix) else { return name }
        let head = String(name.dropLast(2))
        let shared = isShared && slot != ".q"
        return (shared ? head.replacing(".h", with: ".kv") : head) + "<\(slot.dropFirst())>"
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let circuit = try artifact.circuitOfEdges(by: job)
        guard !circuit.graph.isByPosition, GraphLevel(ofReceiversIn: circuit.graph) == .edge else {
            throw Failure(
                .badData, "\(artifact.name): \(name) holds edges of heads, not by position")
        }
        let isGPT2 = circuit.model.map { $0.family == "gpt2" } ?? false
        var pairs: [String] = []
        for edge in circuit.inCircuit.indices where circuit.inCircuit[edge] {
            let sender = circuit.graph.nodes[Int(circuit.graph.senderOfEdge[edge])]
            let reader = Self.reader(
                circuit.graph.receivers[Int(circuit.graph.receiverOfEdge[edge])])
            let writers =
                sender != Node.input.name
                ? [sender] : isGPT2 ? ["tok_embeds", "pos_embeds"] : ["embeds"]
            pairs += writers.map { "[\(PythonJSON.string($0)), \(PythonJSON.string(reader))]" }
        }
        try job.write("[" + pairs.joined(separator: ", ") + "]\n")
    }

    /// Its name of a receiver.
    private static func reader(_ name: String) -> String {
        if name == Receiver.logits.name { return "resid_post" }
        guard name.hasSuffix(">") else { return name }
        return String(name.dropLast()).replacing("<", with: ".").replacing(".kv", with: ".h")
    }
}
