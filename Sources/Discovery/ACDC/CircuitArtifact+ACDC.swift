package import Artifacts
package import Basics
import Engine
import Experiments
import Graphs
import Models
import Tasks

extension CircuitArtifact {
    /// What ACDC found, as it is stored.
    /// - Throws: `Failure` (bad data) where a test gave no number.
    package init(
        _ result: ACDC.Result, of acdc: ACDC, model: ModelReference?, datasetDigest: String?,
        cacheDigest: String?
    ) throws(Failure) {
        let metric = acdc.experiment.metric.metric
        let table = acdc.leveled.table
        let topology = try GraphTopology(
            table, isCausal: acdc.experiment.transformer.configuration.isCausal)
        var scores = [Float](repeating: .nan, count: acdc.edgeCount)
        for decision in result.decisions {
            guard decision.before.isFinite, decision.after.isFinite else {
                throw Failure(
                    .badData,
                    "at the test of \(table.edgeName(Int(decision.edge))) \(metric.rawValue) is "
                        + "\(decision.after): the model's numbers overflow in circuits of these pairs"
                )
            }
            scores[Int(decision.edge)] = Float(decision.after - decision.before)
        }
        self.init(
            model: model, graph: table, inCircuit: result.inCircuit,
            nodeInCircuit: topology.nodes(of: result.inCircuit), scores: scores,
            method: "acdc",
            metric: metric.rawValue, fullMetric: result.fullMetric,
            circuitMetric: result.circuitMetric,
            ablatedMetric: result.ablatedMetric,
            threshold: result.threshold, order: acdc.options.order.name,
            pairsPerTest: acdc.options.sampling?.pairsPerTest,
            errorRate: acdc.options.sampling?.errorRate,
            ablation: acdc.experiment.ablation.rawValue,
            decisions: result.decisions.map { LoggedDecision($0, of: metric) },
            datasetDigest: datasetDigest, cacheDigest: cacheDigest)
    }
}

extension ThresholdPath {
    /// The runs as a circuit artifact stores them, each with the decisions it made itself.
    package var artifactRuns: [CircuitRun] {
        let metric = acdc.experiment.metric.metric
        return runs.map { run in
            CircuitRun(
                threshold: run.threshold, order: acdc.options.order.name,
                circuitMetric: run.result.circuitMetric, inCircuit: run.result.inCircuit,
                parent: run.parent, sharedDecisions: run.sharedDecisions,
                decisions: run.result.decisions.dropFirst(run.sharedDecisions).map {
                    LoggedDecision($0, of: metric)
                })
        }
    }
}

extension LoggedDecision {
    /// A decision of a search as the log has it: with the metric in place of its loss.
    fileprivate init(_ decision: Decision, of metric: Metric) {
        self.init(
            edge: decision.edge, before: metric.value(ofLoss: decision.before),
            after: metric.value(ofLoss: decision.after), removed: decision.removed)
    }
}
