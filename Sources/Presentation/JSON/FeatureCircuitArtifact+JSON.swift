import Artifacts

extension FeatureCircuitArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model.json)
        json.set("transcoders", transcoders.json)
        json.set("share", share)
        json.set("dataset_digest", datasetDigest)
        json.set(
            "graphs",
            graphs.map { graph in
                var json = JSONObject()
                json.set("name", graph.name)
                json.set("digest", graph.digest)
                json.set("prompt", graph.prompt)
                return json
            })
        json.set(
            "features",
            features.map { feature in
                var json = JSONObject()
                json.set("feature", feature.name)
                json.set("count", feature.count)
                json.set("influence", feature.influence)
                json.set("activation", feature.activation)
                json.set("in_circuit", feature.inCircuit)
                return json
            })
        json.set(
            "edges",
            edges.filter { selection.selects(name(of: $0)) }.map { edge in
                var json = JSONObject()
                json.set("source", features[edge.source].name)
                json.set("target", features[edge.target].name)
                json.set("count", edge.count)
                json.set("weight", edge.weight)
                return json
            })
        return json
    }

    func name(of edge: Edge) -> String {
        features[edge.source].name + "->" + features[edge.target].name
    }
}
