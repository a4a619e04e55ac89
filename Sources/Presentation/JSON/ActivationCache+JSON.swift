import Artifacts

extension ActivationCache {
    /// The shapes of the activations are given, not their values.
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model.json)
        json.set("dataset_digest", dataset.digest)
        json.set("precision", description.precision.rawValue)
        json.set("hook_filter", description.hookFilter)
        json.set("position_filter", description.positionFilter)
        json.set("activations", shapes)
        json.set("dataset", dataset.content.json(selection))
        return json
    }
}
