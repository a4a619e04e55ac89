import Engine
package import Experiments
import Models

/// Evaluates given circuits from scratch: every node that matters is computed in order from the
/// ablated stream and the edges of the circuit. Nothing is carried over from a search.
///
/// A small circuit costs what its edges cost, a large one what a forward pass and a matrix product
/// of all edges cost; the size alone decides which of the two is used.
///
/// What doesn't depend on the circuit is kept from one evaluation to the next; one thread calls it.
package final class CircuitEvaluator {
    /// What circuits are evaluated on.
    let experiment: Experiment
    private let state: CircuitState
    private let scratch: ScratchPool
    /// For circuits of many edges.
    private lazy var masked = MaskedEvaluator(experiment)

    /// Evaluates circuits of an experiment's graph on its pairs, by its metric and ablation.
    package init(_ experiment: Experiment) {
        self.experiment = experiment
        state = CircuitState(experiment, rows: ActiveRows(experiment))
        scratch = ScratchPool(workers: experiment.transformer.pool.threads)
    }

    /// The metric of a circuit for each pair, everything else ablated.
    /// - Parameter inCircuit: which edges are in it, `[edge]`.
    package func values(of inCircuit: [Bool]) -> [Double] {
        let share = Double(inCircuit.count { $0 }) / Double(max(1, inCircuit.count))
        return values(of: inCircuit, isSparse: share <= Self.largestSparseShare)
    }

    /// The same edge by edge, if it counts as sparse, or by a matrix product of all edges.
    package func values(of inCircuit: [Bool], isSparse: Bool) -> [Double] {
        if !isSparse {
            return experiment.metric.valuesOfAnswers(
                masked.evaluate(EdgeMasks(inCircuit)).values)
        }
        return experiment.metric.valuesOfAnswers(state.evaluateEverything(in: inCircuit, scratch))
    }

    /// The metric of edges that are present to a degree.
    /// - Parameter neurons: which neurons are present; nil is all.
    package func values(of masks: EdgeMasks, neurons: NeuronMasks?) -> [Double] {
        experiment.metric.valuesOfAnswers(
            masked.evaluate(masks, neurons: neurons).values)
    }

    /// The share of edges above which a matrix product of all of them is faster: SmolLM2 on 16 pairs
    /// of IOI took 0.43 s edge by edge and 0.53 s all together at 1.9% of its edges, 0.57 s and 0.44 s
    /// at 2.9%.
    private static let largestSparseShare = 0.02

    /// The mean metric of a circuit, everything else ablated.
    package func mean(of inCircuit: [Bool]) -> Double {
        let values = values(of: inCircuit)
        return values.reduce(0, +) / Double(max(1, values.count))
    }

    /// The metric of a circuit, and with each of its edges cut by itself.
    ///
    /// Only what an edge reaches is computed again, and the edges of a receiver are evaluated side by
    /// side. Edges that don't reach `logits` are left out: cutting them changes nothing.
    /// - Parameters:
    ///   - inCircuit: which edges are in the circuit, `[edge]`.
    ///   - progress: is told now and then how many of the receivers that matter are done.
    /// - Returns: the metric of each pair, and the same by edge that is cut.
    package func valuesWithoutEach(
        of inCircuit: [Bool], progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) -> (whole: [Double], withoutEdge: [Int: [Double]]) {
        let whole = values(of: inCircuit, isSparse: true)
        let needs = experiment.graph.needs(present: inCircuit)
        let inputs = state.planOfEverything(needs).inputs
        var withoutEdge: [Int: [Double]] = [:]
        for (done, input) in inputs.enumerated() {
            if !input.senders.isEmpty {
                state.evaluateCuts(into: input, needs: needs, scratch) { edge, values in
                    withoutEdge[edge] = experiment.metric.valuesOfAnswers(values)
                }
            }
            progress(done + 1, inputs.count)
        }
        return (whole, withoutEdge)
    }
}
