import Artifacts
import Basics
import Graphs

/// The JSON of circuits and scores that EAP-IG's `Graph.to_json` writes and the MIB benchmark takes.
struct MIBJSONFormat: InterchangeFormat {
    let name = "mib-json"
    let origin = "MIB benchmark and EAP-IG: circuits with scores (`Graph.to_json`)"
    let extensions = ["json"]
    let recognition = "keys `cfg`, `nodes`, `edges`"
    let reads = EAPIGGraph.kinds
    let writes = EAPIGGraph.kinds
    let cannotHold = EAPIGGraph.cannotHold

    private struct File: Decodable {
        struct Node: Decodable {
            var in_graph: Bool
            var score: Float?
            var neurons: [Bool]?
        }
        struct Edge: Decodable {
            var score: Double?
            var in_graph: Bool
        }

        var cfg: EAPIGGraph.Configuration
        var nodes: [String: Node]
        var edges: [String: Edge]
    }

    func recognizes(_ file: ForeignFile) -> Bool {
        let start = file.textStart
        return start.hasPrefix("{") && start.contains("\"cfg\"") && start.contains("\"n_layers\"")
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let content = try file.json(File.self)
        var graph: EAPIGGraph
        do {
            graph = try EAPIGGraph(
                content.cfg, entryCount: content.edges.count,
                keyValueHeads: job.keyValueHeads ?? job.like?.graph?.nKeyValueHeads)
        } catch {
            throw Failure(error.kind, "\(file.name): \(error.description)")
        }
        try take(content, into: &graph, file.name)
        if content.nodes.values.contains(where: { $0.neurons != nil }) {
            job.remark(
                "`neurons`, which are dimensions of nodes' outputs, are left out: a circuit's neurons "
                    + "are those of heads and MLPs")
        }
        try graph.store(file, as: kind, by: job)
    }

    /// Takes over what a file says of nodes and edges, all of which have to be there.
    private func take(
        _ content: File, into graph: inout EAPIGGraph, _ name: String
    ) throws(Failure) {
        let count = graph.graph.edgeCount
        for edge in 0..<count {
            let title = graph.graph.name(ofEdge: edge)
            guard let entry = content.edges[title] else {
                throw Failure(
                    .badData,
                    "\(name): it has no edge `\(title)`, and a graph of its \(count) edges is read "
                        + "whole")
            }
            graph.scores[edge] = entry.score.map { Float($0) } ?? .nan
            if let score = entry.score, !graph.scores[edge].isFinite {
                throw Failure(.badData, "\(name): the score of `\(title)`, \(score), is too large")
            }
            graph.inCircuit[edge] = entry.in_graph
        }
        try requireKnown(content.edges.keys, count, "edge", name) {
            Set((0..<count).map { graph.graph.name(ofEdge: $0) })
        }
        for (index, sender) in graph.graph.senders.enumerated() {
            guard let node = content.nodes[sender.name] else {
                throw Failure(.badData, "\(name): it has no node `\(sender.name)`")
            }
            graph.senderInCircuit[index] = node.in_graph
        }
        let known = graph.graph.senders.count + (content.nodes["logits"] == nil ? 0 : 1)
        let senders = graph.graph.senders
        try requireKnown(content.nodes.keys, known, "node", name) {
            Set(senders.map(\.name) + ["logits"])
        }
        if content.nodes.values.contains(where: { $0.score != nil }) {
            graph.senderScores = senders.map { content.nodes[$0.name]?.score ?? .nan }
        }
    }

    /// Refuses names besides `count` that are known to be there.
    private func requireKnown(
        _ names: some Collection<String>, _ count: Int, _ noun: String, _ file: String,
        _ known: () -> Set<String>
    ) throws(Failure) {
        guard names.count > count else { return }
        let foreign = known().symmetricDifference(names).sorted().first ?? ""
        throw Failure(
            .badData, "\(file): its graph has no \(noun) `\(foreign.prefix(80))`, which it lists")
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let graph = try EAPIGGraph(artifact, by: job)
        let sink = try FileSink(job.path)
        let cfg = graph.configuration
        try sink.write(
            "{\"cfg\": {\"n_layers\": \(cfg.nLayers), \"n_heads\": \(cfg.nHeads), "
                + "\"parallel_attn_mlp\": \(cfg.parallelAttentionMLP), \"d_model\": \(cfg.dModel)}, "
                + "\"nodes\": {")
        for (index, node) in graph.graph.senders.enumerated() {
            let score = graph.senderScores.map {
                ", \"score\": " + PythonJSON.number(Double($0[index]))
            }
            try sink.write(
                "\"\(node.name)\": {\"in_graph\": \(graph.senderInCircuit[index])\(score ?? "")}, ")
        }
        try sink.write("\"logits\": {\"in_graph\": true}}, \"edges\": {")
        var text = ""
        for (place, edge) in graph.edgesInOrderOfLibrary.enumerated() {
            text += place == 0 ? "" : ", "
            text +=
                "\"\(graph.graph.name(ofEdge: edge))\": {\"score\": "
                + "\(PythonJSON.number(Double(graph.scores[edge]))), "
                + "\"in_graph\": \(graph.inCircuit[edge])}"
        }
        try sink.write(text + "}}")
        try sink.commit()
        if graph.scores.contains(where: \.isNaN) {
            job.remark("edges without a score have NaN, which Python reads and strict JSON hasn't")
        }
    }
}
