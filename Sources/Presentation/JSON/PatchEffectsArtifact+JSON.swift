import Artifacts

extension PatchEffectsArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model.json)
        json.set("level", level)
        json.set("site", site)
        json.set("direction", direction)
        json.set("ablation", ablation)
        json.set("metric", metric)
        json.set("clean_metric", cleanMetric.map(\.finite))
        json.set("corrupted_metric", corruptedMetric.map(\.finite))
        json.set("components", components)
        json.set("layers", layers)
        json.set("positions", positions)
        json.set("tokens", tokens)
        json.set("position_names", positionNames)
        json.set("effects", components.indices.map { effects[row: $0].map(\.finite) })
        if selection.isNormalized, let shown = try? normalizedEffects() {
            json.set("normalized_effects", components.indices.map { shown[row: $0].map(\.finite) })
        }
        json.set("dataset_digest", datasetDigest)
        json.set("cache_digest", cacheDigest)
        return json
    }
}
