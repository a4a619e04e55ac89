import Artifacts
import Graphs

extension EvaluationArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model?.json)
        json.set("subject", subject?.json)
        json.set("held_out", isHeldOut)
        json.set("truth", truth?.json)
        json.set("metric", metric)
        json.set("ablation", ablation)
        json.set("figures", figures.map(\.json))
        json.set("curves", curves.map(\.json))
        json.set("pairs", pairColumns.mapValues { $0.map(\.finite) })
        json.set("edges", edgeRecords)
        json.set("circuits", circuits.isEmpty ? nil : circuits.map { row(of: $0) })
        json.set(
            "shared_edges",
            sharedEdges.map { shared in circuits.indices.map { Array(shared[row: $0]) } })
        json.set("bootstrap", bootstrap?.json)
        json.set("dataset_digest", datasetDigest)
        return json
    }

    /// The edges with a value in any column; nil where there are no columns.
    private var edgeRecords: [JSONObject]? {
        guard let graph, !edgeColumns.isEmpty else { return nil }
        return (0..<graph.edgeCount).compactMap { edge in
            let values = edgeColumns.compactMapValues { $0[edge].finite }
            guard !values.isEmpty else { return nil }
            var json = JSONObject()
            json.set("edge", graph.edgeName(edge))
            for (name, value) in values { json.set(name, value) }
            return json
        }
    }
}

extension EvaluationArtifact {
    private func row(of circuit: Circuit) -> JSONObject {
        var json = JSONObject()
        json.set("name", circuit.name)
        json.set("file", circuit.file.json)
        json.set("run", circuit.run)
        json.set("share", circuit.share)
        json.set("method", circuit.method)
        json.set("threshold", circuit.threshold)
        json.set("order", circuit.order)
        json.set("level", circuit.level.isEmpty ? nil : circuit.level)
        json.set("edge_count", circuit.edgeCount)
        json.set("node_count", circuit.nodeCount)
        json.set("held_out", isHeldOut(circuit))
        guard !circuit.metric.value.isNaN else { return json }
        json.set("metric", circuit.metric.json)
        json.set("faithfulness", circuit.faithfulness.json)
        json.set("on_front", circuit.isOnFront)
        json.set("pairs", circuit.values.map(\.finite))
        return json
    }
}

extension EvaluationArtifact.Estimate {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("value", value.finite)
        json.set("lower", lower.finite)
        json.set("upper", upper.finite)
        return json
    }
}

extension EvaluationArtifact.Figure {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("name", name)
        json.set("value", value.finite)
        json.set("lower", lower.finite)
        json.set("upper", upper.finite)
        return json
    }
}

extension EvaluationArtifact.Curve {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("name", name)
        json.set("x_label", xLabel)
        json.set("y_label", yLabel)
        json.set("x", x.map(\.finite))
        json.set("y", y.map(\.finite))
        json.set("lower", lower?.map(\.finite))
        json.set("upper", upper?.map(\.finite))
        json.set("edge_counts", edgeCounts)
        return json
    }
}

extension EvaluationArtifact.Bootstrap {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("samples", samples)
        json.set("confidence", confidence)
        json.set("seed", seed)
        return json
    }
}
