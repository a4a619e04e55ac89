import Artifacts

extension ModelReference {
    var json: JSONObject {
        var json = JSONObject()
        json.set("name", name)
        json.set("path", path)
        json.set("digest", digest)
        json.set("family", family)
        return json
    }
}

extension ArtifactReference {
    var json: JSONObject {
        var json = JSONObject()
        json.set("artifact", kind.rawValue)
        json.set("digest", digest)
        json.set("path", path)
        return json
    }
}

extension GraphTable {
    /// The shape of the graph, without its nodes and edges.
    var json: JSONObject {
        var json = JSONObject()
        json.set("n_layers", nLayers)
        json.set("n_heads", nHeads)
        json.set("n_key_value_heads", nKeyValueHeads)
        json.set("d_model", dModel)
        json.set("parallel_attn_mlp", parallelAttentionMLP)
        json.set("ungrouped_key_value", ungroupedKeyValue)
        json.set("level", level)
        return json
    }
}
