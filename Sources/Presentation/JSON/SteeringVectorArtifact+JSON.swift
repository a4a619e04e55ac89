import Artifacts

extension SteeringVectorArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model?.json)
        json.set("model_hint", modelHint)
        json.set("method", method)
        json.set("site", site)
        json.set("layers", layers)
        json.set("positions", positions)
        json.set("d_model", width)
        json.set("norms", perPlace { norm(layer: $0, position: $1) })
        json.set(
            "explained",
            explained.map { explained in layers.indices.map { explained[row: $0].map(\.finite) } })
        json.set(
            "pairs_used", pairsUsed.map { used in layers.indices.map { Array(used[row: $0]) } })
        json.set("vectors", perPlace { Array(vector(layer: $0, position: $1)) })
        json.set("n_pairs", pairCount)
        json.set("dataset_digest", datasetDigest)
        return json
    }

    /// `[layer][position]` of something that each vector has.
    private func perPlace<Value>(_ value: (Int, Int) -> Value) -> [[Value]] {
        layers.indices.map { layer in positions.indices.map { value(layer, $0) } }
    }
}
