package import Artifacts
import Basics
package import CircuitRuns
package import Experiments
import Graphs
package import Tasks

/// What circuits are judged on: pairs, a metric and an ablation, with the full and the wholly ablated
/// model as the ends of the scale.
///
/// A circuit that was measured before isn't evaluated again. One thread calls it.
package final class CircuitJudge {
    /// The metric of the full model, `[pair]`.
    package let full: [Double]
    /// The metric with everything ablated, `[pair]`.
    package let ablated: [Double]
    /// How confidence intervals are made.
    package let resampling: PairResampling
    /// Is called after each circuit that was evaluated.
    package var onEvaluation: () -> Void = {}

    let evaluator: LevelEvaluator
    private var known: [[Bool]: [Double]] = [:]

    /// Judges circuits on an experiment's pairs, by its metric and ablation.
    /// - Parameter graph: the graph that circuits are of; nil is the experiment's own.
    /// - Throws: what `LevelEvaluator` throws, and ``Failure`` (bad data) where the metric of the full
    ///   or the ablated model isn't a number, so that there is no scale to judge on.
    package init(
        _ experiment: Experiment, of graph: GraphTable? = nil,
        bootstrap: EvaluationArtifact.Bootstrap?
    ) throws {
        let graph = graph ?? experiment.graph.table
        evaluator = try LevelEvaluator(experiment, of: graph)
        metric = experiment.metric.metric
        full = experiment.metric.valuesOfFullModel
        resampling = PairResampling(pairCount: full.count, bootstrap)
        ablated = evaluator.values(of: [Bool](repeating: false, count: graph.edgeCount))
        for (values, name) in [(full, "full"), (ablated, "ablated")] {
            guard let pair = values.firstIndex(where: { !$0.isFinite }) else { continue }
            throw Failure(
                .badData,
                "the metric \(metric.rawValue) of the \(name) model isn't a number in pair "
                    + "\(pair): the model's outputs overflow")
        }
        known[[Bool](repeating: true, count: graph.edgeCount)] = full
        known[[Bool](repeating: false, count: graph.edgeCount)] = ablated
    }

    /// The graph that circuits are of.
    package var graph: GraphTable { evaluator.graph }
    /// The metric.
    package let metric: Metric
    /// 1 if the metric is minimised, -1 if a good circuit has a high value.
    var lossSign: Double { metric.lossSign }

    /// The metric of a circuit with everything else ablated, `[pair]`.
    /// - Parameters:
    ///   - inCircuit: which edges are in it, `[edge]`.
    ///   - neurons: which neurons are; nil is all.
    package func values(of inCircuit: [Bool], neurons: NeuronMasks? = nil) -> [Double] {
        if let neurons {
            defer { onEvaluation() }
            return evaluator.values(of: inCircuit, neurons: neurons)
        }
        if let values = known[inCircuit] { return values }
        let values = evaluator.values(of: inCircuit)
        known[inCircuit] = values
        onEvaluation()
        return values
    }

    /// How much of what lies between the ablated and the full model a circuit recovers: 1 if it is as
    /// good as the full model, 0 if no better than nothing. A ratio of means over pairs.
    /// - Parameter values: the metric of the circuit, `[pair]`.
    package func faithfulness(_ values: [Double], _ mean: PairMean = .ofAll) -> Double {
        let low = mean(ablated)
        // Adding 0 takes the sign from a zero.
        return (mean(values) - low) / (mean(full) - low) + 0
    }
}
