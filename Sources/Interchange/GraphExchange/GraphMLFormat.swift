import Artifacts
import Basics

/// GraphML, which networkx, igraph, Gephi and Cytoscape read.
struct GraphMLFormat: InterchangeFormat {
    let name = "graphml"
    let origin = "GraphML: networkx, igraph, Gephi, Cytoscape"
    let extensions = ["graphml"]
    let recognition = "not read"
    let reads: [ArtifactKind] = []
    let writes = ExchangedGraph.kinds
    let cannotHold = ExchangedGraph.cannotHold

    func recognizes(_ file: ForeignFile) -> Bool {
        file.textStart.hasPrefix("<") && file.textStart.contains("<graphml")
    }

    private static let keys = [
        ("role", "node", "string"), ("layer", "node", "int"), ("score", "node", "float"),
        ("task", "node", "string"), ("name", "edge", "string"), ("input", "edge", "string"),
        ("score", "edge", "float"),
    ]

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let graph = try ExchangedGraph(artifact, by: job)
        let sink = try FileSink(job.path)
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns">

            """
        for (name, owner, type) in Self.keys {
            text += "<key id=\"\(owner)_\(name)\" for=\"\(owner)\" attr.name=\"\(name)\" "
            text += "attr.type=\"\(type)\"/>\n"
        }
        text += "<graph edgedefault=\"directed\">\n"
        for node in graph.nodes {
            text += "<node id=\"\(Self.escaped(node.name))\">"
            text += Self.data("node_role", node.role) + Self.data("node_layer", node.layer)
            text += Self.data("node_score", node.score) + Self.data("node_task", node.task)
            text += "</node>\n"
        }
        for edge in graph.edges {
            let (source, target) = (graph.nodes[edge.source].name, graph.nodes[edge.target].name)
            // Heads that share keys have an edge's name in common.
            let id = edge.name + (edge.name.contains(".kv") ? " " + target : "")
            text += "<edge id=\"\(Self.escaped(id))\" source=\"\(Self.escaped(source))\" "
            text += "target=\"\(Self.escaped(target))\">" + Self.data("edge_name", edge.name)
            text += Self.data("edge_input", edge.input) + Self.data("edge_score", edge.score)
            text += "</edge>\n"
            if text.utf8.count > 1 << 16 {
                try sink.write(text)
                text = ""
            }
        }
        try sink.write(text + "</graph>\n</graphml>\n")
        try sink.commit()
    }

    private static func data(_ key: String, _ value: (some CustomStringConvertible)?) -> String {
        value.map { "<data key=\"\(key)\">\(escaped($0.description))</data>" } ?? ""
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // XML has no place for control characters.
            case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t":
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
