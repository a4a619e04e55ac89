import Artifacts
import Graphs

extension AttributionGraphArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model.json)
        json.set("transcoders", transcoders.json)
        json.set("settings", settings.json)
        json.set("dataset_digest", datasetDigest)
        let graphs = prompts(in: selection).map { graph(ofPrompt: $0, selection) }
        // One graph, the usual case, has its fields at the top.
        if let only = graphs.first, graphs.count == 1 {
            json.merge(only)
        } else {
            json.set("graphs", graphs)
        }
        return json
    }

    /// A prompt's graph.
    private func graph(ofPrompt prompt: Int, _ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        let places = nodes(ofPrompt: prompt)
        if prompts.count > 1 { json.set("number", prompt) }
        json.set("prompt", prompts[prompt].name)
        json.set("tokens", Array(tokens[tokens(ofPrompt: prompt)]))
        json.set("active_features", prompts[prompt].activeFeatureCount)
        json.set(
            "logits",
            places.filter { nodes.layers[$0] == layerCount }.map { node in
                LogitRecord(
                    id: nodes.tokens[node] < 0 ? nil : nodes.tokens[node], node: nodes.names[node],
                    text: nodes.texts?[node], probability: nodes.probabilities[node])
            })
        json.set(
            "nodes",
            places.map { node in
                FeatureNodeRecord(
                    node: nodes.names[node],
                    activation: nodes.features[node] < 0 ? nil : nodes.activations[node],
                    influence: nodes.influences[node].finite,
                    cumulative: nodes.cumulative[node].finite,
                    kept: nodes.kept[node])
            })
        json.set(
            "edges",
            edges(ofPrompt: prompt).compactMap { edge -> DirectEffectRecord? in
                let source = nodes.names[Int(edges.sources[edge])]
                let target = nodes.names[Int(edges.targets[edge])]
                guard selection.selects(source + "->" + target) else { return nil }
                return DirectEffectRecord(
                    source: source, target: target, weight: edges.weights[edge],
                    kept: edges.kept[edge],
                    heads: headLoadings != nil && edges.kept[edge]
                        ? headLoadings(ofEdge: edge).map(HeadLoadingRecord.init) : nil)
            })
        json.set("scores", prompts[prompt].scores)
        selection.view?.add(to: &json)
        return json
    }
}

private struct LogitRecord: Encodable {
    /// Null where the target isn't one token's logit.
    var id: Int32?
    var node: String
    var text: String?
    var probability: Double
}

private struct FeatureNodeRecord: Encodable {
    var node: String
    /// Null of nodes that aren't features.
    var activation: Float?
    /// Null where it wasn't measured, as of a graph that is read from a viewer's file.
    var influence: Double?
    var cumulative: Double?
    var kept: Bool

    private enum CodingKeys: String, CodingKey {
        case node, activation, influence, cumulative, kept
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(node, forKey: .node)
        try container.encode(activation, forKey: .activation)
        try container.encode(influence, forKey: .influence)
        try container.encode(cumulative, forKey: .cumulative)
        try container.encode(kept, forKey: .kept)
    }
}

private struct DirectEffectRecord: Encodable {
    var source: String
    var target: String
    var weight: Float
    var kept: Bool
    /// Left out where heads weren't asked for, or the edge isn't kept.
    var heads: [HeadLoadingRecord]?
}

private struct HeadLoadingRecord: Encodable {
    /// Null of the paths through no head.
    var head: String?
    var weight: Float
    var through: Float

    init(_ loading: HeadLoading) {
        head = loading.head?.name
        weight = loading.weight
        through = loading.through
    }

    private enum CodingKeys: String, CodingKey { case head, weight, through }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(head, forKey: .head)
        try container.encode(weight, forKey: .weight)
        try container.encode(through, forKey: .through)
    }
}

extension AttributionGraphArtifact.Prompt {
    fileprivate var scores: JSONObject {
        var json = JSONObject()
        json.set("replacement", replacement.finite)
        json.set("completeness", completeness.finite)
        json.set("replacement_with_left_out", replacementWithLeftOut.finite)
        json.set("completeness_with_left_out", completenessWithLeftOut.finite)
        return json
    }
}

extension AttributionGraphArtifact.Settings {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("logit_count", logitCount)
        json.set("logit_mass", logitMass)
        json.set("max_features", maxFeatures)
        json.set("batch_size", batchSize)
        json.set("update_interval", updateInterval)
        json.set("node_threshold", nodeThreshold)
        json.set("edge_threshold", edgeThreshold)
        return json
    }
}

extension TranscoderReference {
    var json: JSONObject {
        var json = JSONObject()
        json.set("name", name)
        json.set("path", path)
        json.set("digest", digest)
        json.set("kind", kind)
        json.set("input_hook", inputHook)
        json.set("output_hook", outputHook)
        json.set("activation", activation)
        json.set("n_features", featureCount)
        json.set("scan", scan)
        return json
    }
}
