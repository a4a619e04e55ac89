import Artifacts

extension EdgeScoresArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model.json)
        json.set("graph", graph.json)
        json.set("method", method)
        json.set("metric", metric)
        json.set("ablation", ablation)
        json.set("steps", steps)
        json.set("seed", seed)
        json.set("full_metric", fullMetric.finite)
        json.set("corrupted_metric", corruptedMetric.finite)
        json.set("dataset_digest", datasetDigest)
        json.set("cache_digest", cacheDigest)
        json.set(
            "nodes",
            nodeScores.map { scores in
                zip(graph.nodes, scores).map { NodeRecord(node: $0, score: $1.finite) }
            })
        json.set(
            "edges", EdgeRecord.records(graph, inCircuit: nil, scores: scores, selection))
        json.set("losses", losses?.compactMap(\.finite))
        return json
    }
}
