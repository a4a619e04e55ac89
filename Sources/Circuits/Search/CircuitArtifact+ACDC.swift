package import Artifacts

extension CircuitArtifact {
    /// What ACDC found, as it is stored.
    package init(
        _ result: ACDC.Result, of acdc: ACDC, model: ModelReference?, datasetDigest: String?, cacheDigest: String?
    ) {
        let (graph, metric) = (acdc.graph, acdc.experiment.metric.metric)
        var scores = [Float](repeating: .nan, count: graph.edgeCount)
        for decision in result.decisions {
            scores[Int(decision.edge)] = Float(decision.after - decision.before)
        }
        // Stored as minimised, as the decisions are.
        let sign = metric.lossSign
        self.init(
            model: model, graph: graph.table, inCircuit: result.inCircuit,
            nodeInCircuit: graph.nodes(ofEdges: result.inCircuit), scores: scores, method: "acdc",
            metric: metric.rawValue, fullMetric: sign * result.fullMetric,
            circuitMetric: sign * result.circuitMetric,
            corruptedMetric: sign * result.ablatedMetric,
            threshold: result.threshold, order: acdc.options.order.name,
            pairsPerTest: acdc.options.sampling?.pairsPerTest,
            errorRate: acdc.options.sampling?.errorRate,
            ablation: acdc.experiment.ablation.rawValue, decisions: result.decisions,
            datasetDigest: datasetDigest, cacheDigest: cacheDigest)
    }
}

extension ComputationalGraph {
    /// Which nodes have an edge in the circuit, `[node]` with `logits` last.
    package func nodes(ofEdges inCircuit: [Bool]) -> [Bool] {
        var nodes = [Bool](repeating: false, count: senders.count + 1)
        for receiver in receivers.indices {
            for sender in 0..<senderCount(of: receiver)
            where inCircuit[edgeStart[receiver] + sender] {
                nodes[sender] = true
                switch receivers[receiver] {
                case .head(let layer, let head, _):
                    nodes[self.sender(layer: layer, head: head)] = true
                case .group(let layer, let group, _):
                    for head in heads(ofKeyReceiver: group) {
                        nodes[self.sender(layer: layer, head: head)] = true
                    }
                case .mlp(let layer): nodes[self.sender(mlp: layer)] = true
                case .logits: nodes[senders.count] = true
                }
            }
        }
        return nodes
    }
}

extension ThresholdPath {
    /// The runs as a circuit artifact stores them, each with the decisions it made itself.
    package var artifactRuns: [CircuitRun] {
        let sign = acdc.experiment.metric.lossSign
        return runs.map { run in
            CircuitRun(
                threshold: run.threshold, order: acdc.options.order.name,
                circuitMetric: sign * run.result.circuitMetric, inCircuit: run.result.inCircuit,
                parent: run.parent, sharedDecisions: run.sharedDecisions,
                decisions: Array(run.result.decisions.dropFirst(run.sharedDecisions)))
        }
    }
}
