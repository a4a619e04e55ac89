import Artifacts
import Basics

/// The node-link JSON that networkx 3.4 and later reads with `node_link_graph`.
struct NetworkXFormat: InterchangeFormat {
    let name = "networkx-json"
    let origin = "networkx: node-link JSON (`node_link_graph`)"
    let extensions = ["json"]
    let recognition = "not read"
    let reads: [ArtifactKind] = []
    let writes = ExchangedGraph.kinds
    let cannotHold = ExchangedGraph.cannotHold

    func recognizes(_ file: ForeignFile) -> Bool {
        file.textStart.hasPrefix("{") && file.textStart.contains("\"multigraph\"")
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let graph = try ExchangedGraph(artifact, by: job)
        let sink = try FileSink(job.path)
        let nodes = graph.nodes.map { node in
            Self.object([
                ("id", PythonJSON.string(node.name)), ("role", PythonJSON.string(node.role)),
                ("layer", node.layer.map(String.init)),
                ("score", node.score.map { PythonJSON.number(Double($0)) }),
                ("task", node.task.map(PythonJSON.string)),
            ])
        }
        try sink.write(
            "{\"directed\": true, \"multigraph\": true, \"graph\": {}, \"nodes\": ["
                + nodes.joined(separator: ", ") + "], \"edges\": [")
        var text = ""
        for (place, edge) in graph.edges.enumerated() {
            let object = Self.object([
                ("source", PythonJSON.string(graph.nodes[edge.source].name)),
                ("target", PythonJSON.string(graph.nodes[edge.target].name)),
                ("key", PythonJSON.string(edge.input ?? "")),
                ("name", PythonJSON.string(edge.name)),
                ("input", edge.input.map(PythonJSON.string)),
                ("score", edge.score.map { PythonJSON.number(Double($0)) }),
            ])
            text += (place == 0 ? "" : ", ") + object
            if text.utf8.count > 1 << 16 {
                try sink.write(text)
                text = ""
            }
        }
        try sink.write(text + "]}\n")
        try sink.commit()
    }

    private static func object(_ fields: [(String, String?)]) -> String {
        let parts = fields.compactMap { name, value in value.map { "\"\(name)\": \($0)" } }
        return "{" + parts.joined(separator: ", ") + "}"
    }
}
