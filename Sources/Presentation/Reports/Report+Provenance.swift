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
            graph.level == "position"
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
            let command = ([step.tool] + step.arguments.map(Self.quoted)).joined(separator: " ")
            return [
                "\(index + 1)", step.time, step.version,
                command
                    + (notes.isEmpty ? "" : "  (\(notes.joined(separator: ", ")))"),
            ]
        }
        add(
            ReportTable(
                title: "provenance", columns: [">", "time", "version", "command"], rows: rows,
                isWhole: true))
    }

    /// An argument, quoted for a shell if it must be.
    private static func quoted(_ argument: String) -> String {
        let plain = argument.allSatisfy {
            $0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0)
        }
        guard !plain || argument.isEmpty else { return argument }
        return "'"
            + argument.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
