import Artifacts

extension CircuitArtifact {
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model?.json)
        json.set("graph", graph.json)
        json.set("method", method)
        json.set("metric", metric)
        json.set("full_metric", fullMetric.finite)
        json.set("circuit_metric", circuitMetric.finite)
        json.set("corrupted_metric", ablatedMetric.finite)
        json.set("threshold", threshold?.finite)
        json.set("order", order)
        json.set("nominal_edge_count", nominalEdgeCount)
        json.set("pairs_per_test", pairsPerTest)
        json.set("error_rate", errorRate)
        json.set("ablation", ablation)
        json.set("dataset_digest", datasetDigest)
        json.set("cache_digest", cacheDigest)
        json.set("scores_digest", scoresDigest)
        json.set(
            "nodes",
            graph.nodes.indices.map { node in
                NodeRecord(
                    node: graph.nodes[node], inCircuit: nodeInCircuit[node],
                    role: roles.map { $0[node] }.flatMap { $0.isEmpty ? nil : $0 },
                    neurons: neurons.map { table in
                        (0..<table.shape[1]).filter { table.values[node * table.shape[1] + $0] }
                    })
            })
        json.set(
            "edges",
            EdgeRecord.records(
                graph, inCircuit: inCircuit, scores: scores, keptShares: keptShare, selection))
        if selection.decisions {
            json.set(
                "decisions", DecisionRecord.records(decisions, metric: metric, graph, selection))
        }
        json.set("runs", runs.map(\.json))
        return json
    }
}

extension CircuitRun {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("threshold", threshold.finite)
        json.set("order", order)
        json.set("seed", seed)
        json.set("edge_count", inCircuit.count { $0 })
        json.set("circuit_metric", circuitMetric.finite)
        return json
    }
}
