import Artifacts
import Graphs

extension CircuitDiffArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("artifact", ArtifactKind.circuitDiff.rawValue)
        json.set("same", (edges + nodes).allSatisfy { $0.inFirst && $0.inSecond })
        json.set("first", first.json)
        json.set("second", second.json)
        json.set("alignment", alignment)
        json.set("edge_jaccard", edgeJaccard)
        json.set("node_jaccard", nodeJaccard)
        json.set("edges", edges.map(\.json))
        json.set("nodes", nodes.map(\.json))
        json.set("summaries", summaries.map(\.json))
        json.set("heads", headMatches?.json)
        return json
    }

    /// The JSON with what an artifact doesn't store of the comparison.
    func json(_ comparison: CircuitComparison) -> JSONObject {
        var json = json(ReportSelection())
        json.set("same", comparison.areSame)
        json.set("alignment_statement", comparison.alignment.statement)
        json.set("unaligned_edges", comparison.unaligned.json)
        json.set("scores", comparison.scores?.json)
        json.set(
            "neurons",
            comparison.neurons.map {
                counts(onlyFirst: $0.onlyFirst, onlySecond: $0.onlySecond, both: $0.both)
            })
        return json
    }
}

extension CircuitComparison.Unaligned {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("first", firstEdges)
        json.set("second", secondEdges)
        return json
    }
}

extension CircuitDiffArtifact.HeadMatches {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("least_similarity", least)
        json.set("mean_similarity", meanSimilarity.finite)
        json.set("matches", first.indices.map(match))
        return json
    }

    private func match(_ index: Int) -> JSONObject {
        var json = JSONObject()
        json.set("first", first[index])
        json.set("second", second[index])
        json.set("similarity", similarity[index])
        json.set("gap", gap[index].finite)
        var values = JSONObject()
        for (part, value) in zip(partNames, parts[row: index]) { values.set(part, value.finite) }
        json.set("parts", values)
        json.set("first_role", firstRoles[index])
        json.set("second_role", secondRoles[index])
        return json
    }
}

extension CircuitDiffArtifact.Side {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("circuit", circuit.json)
        json.set("model", model?.json)
        json.set("threshold", threshold)
        json.set("edge_count", edgeCount)
        json.set("node_count", nodeCount)
        json.set("unaligned_nodes", unalignedNodes)
        return json
    }
}

extension CircuitDiffArtifact.Entry {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("name", name)
        json.set("in_first", inFirst)
        json.set("in_second", inSecond)
        json.set("first_score", firstScore.finite)
        json.set("second_score", secondScore.finite)
        return json
    }
}

extension CircuitDiffArtifact.Summary {
    fileprivate var json: JSONObject {
        var json = counts(onlyFirst: onlyFirst, onlySecond: onlySecond, both: both)
        json.set("group", group)
        return json
    }
}

extension ScoreDifference {
    var json: JSONObject {
        var json = JSONObject()
        json.set("count", count)
        json.set("mean_absolute", meanAbsolute)
        json.set("maximum", maximum)
        json.set("maximum_edge", maximumEdge)
        json.set("correlation", correlation.finite)
        return json
    }
}

private func counts(onlyFirst: Int, onlySecond: Int, both: Int) -> JSONObject {
    var json = JSONObject()
    json.set("only_first", onlyFirst)
    json.set("only_second", onlySecond)
    json.set("both", both)
    return json
}
