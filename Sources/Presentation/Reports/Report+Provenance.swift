import Artifacts
import Graphs

extension Report {
    /// Adds the header of an artifact.
    mutating func add(_ header: ArtifactHeader, source: String) {
        add("artifact", "\(header.kind.rawValue) \(header.version)")
        add("file", source == "-" ? "(standard input)" : source)
        add("digest", header.digest)
    }

    /// Adds the model an artifact was made with.
    mutating func add(_ model: ModelReference?) {
        guard let model else { return }
        add(
            "model",
            "\(model.name) (\(model.family))" + (model.path.isEmpty ? "" : ", \(model.path)"))
    }

    /// Adds the shape of the graph.
    mutating func add(_ graph: GraphTable) {
        var shape = "\(graph.nLayers) layers of \(graph.nHeads) heads"
        if graph.nKeyValueHeads != graph.nHeads {
            shape += " (\(graph.nKeyValueHeads) key-value heads"
            shape += graph.ungroupedKeyValue ? ", ungrouped)" : ")"
        }
        let level =
            graph.isByPosition
            ? "\(GraphLevel(ofReceiversIn: graph).rawValue) by position" : graph.level
        shape += ", d_model \(graph.dModel), level \(level)"
        if graph.parallelAttentionMLP { shape += ", attention and MLP parallel" }
        add("graph", shape)
    }

    /// Adds the chain of steps that made an artifact, first to last.
    mutating func add(_ provenance: Provenance) {
        let rows = provenance.records.enumerated().map { index, record -> [String] in
            guard let step = record.step else { return ["\(index + 1)", "?", "", record.text] }
            var notes: [String] = []
            if let threads = step.threads { notes.append("\(threads) threads") }
            if let kernel = step.blasKernel { notes.append(kernel) }
            return [
                "\(index + 1)", step.time, step.version,
                step.commandLine
                    + (notes.isEmpty ? "" : "  (\(notes.joined(separator: ", ")))"),
            ]
        }
        add(
            ReportTable(
                title: "provenance", columns: [">", "time", "version", "command"], rows: rows,
                isWhole: true))
    }
}
