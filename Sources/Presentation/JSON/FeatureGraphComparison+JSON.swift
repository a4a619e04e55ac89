package import Basics
package import Graphs

extension ArtifactJSON {
    /// The JSON of two attribution graphs, or circuits of features, compared, on one line.
    ///
    /// - Throws: ``Failure`` as ``Basics/JSONText/line(_:)``.
    package static func text(_ comparison: FeatureGraphComparison) throws(Failure) -> String {
        var json = JSONObject()
        json.set("same", comparison.areSame)
        json.set(
            "graphs",
            zip(comparison.names, comparison.prompts).map { name, prompt in
                ["name": name, "prompt": prompt]
            })
        json.set("alignment_statement", comparison.notes)
        json.set("edge_jaccard", comparison.edgeJaccard)
        json.set("node_jaccard", comparison.nodeJaccard)
        json.set("weights", comparison.weights?.json)
        json.set("nodes", comparison.nodes.map(\.json))
        json.set("edges", comparison.edges.map(\.json))
        return try JSONText.line(json)
    }
}

extension FeatureGraphComparison.Node {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("name", name)
        json.set("in_first", inFirst)
        json.set("in_second", inSecond)
        json.set("first_activation", first?.activation)
        json.set("second_activation", second?.activation)
        json.set("first_influence", first?.influence.finite)
        json.set("second_influence", second?.influence.finite)
        json.set("first_share", first?.share)
        json.set("second_share", second?.share)
        return json
    }
}

extension FeatureGraphComparison.Edge {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("name", name)
        json.set("in_first", inFirst)
        json.set("in_second", inSecond)
        json.set("first_weight", firstWeight)
        json.set("second_weight", secondWeight)
        json.set("difference", difference)
        return json
    }
}
