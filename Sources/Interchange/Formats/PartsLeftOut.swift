import Artifacts

extension CircuitArtifact {
    /// What the circuit has besides a graph, which of it is in the circuit, and scores: for formats
    /// that hold no more.
    var partsBesideGraph: [String] {
        var parts: [String] = []
        if model != nil || datasetDigest != nil { parts.append("model and dataset") }
        if !metric.isEmpty {
            parts.append("method, metric \(MetricName.label(of: metric)) and its values")
        }
        if threshold != nil { parts.append("the threshold") }
        if !decisions.isEmpty { parts.append("\(decisions.count) decisions") }
        if !runs.isEmpty { parts.append("\(runs.count) further runs") }
        if neurons != nil { parts.append("single neurons") }
        if roles != nil { parts.append("roles") }
        if keptShare != nil { parts.append("shares of runs that keep an edge") }
        return parts
    }
}

extension EdgeScoresArtifact {
    /// What the scores have besides a graph and a score for each edge and node: for formats that hold
    /// no more.
    var partsBesideEdges: [String] {
        var parts = [
            "model and dataset",
            "method \(method), metric \(MetricName.label(of: metric)) and its values",
        ]
        if perPair != nil { parts.append("scores per pair") }
        if neuronScores != nil { parts.append("scores of neurons") }
        if losses != nil { parts.append("the loss of each step") }
        return parts
    }
}
