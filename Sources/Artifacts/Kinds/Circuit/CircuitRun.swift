/// One of several runs kept in a circuit artifact: another threshold, or another traversal order.
///
/// Runs that differ only in the threshold make the same decisions up to the first effect that lies
/// between their thresholds. Such a run names the run it shares them with, its parent, and stores only
/// the decisions after them.
package struct CircuitRun: Hashable, Sendable {
    /// The threshold of this run.
    package var threshold: Double
    /// The traversal order, for example `cli`, `library` or `shuffle`.
    package var order: String
    /// The seed of a shuffled order; nil for any other.
    package var seed: Int?
    /// The metric of this run's circuit.
    package var circuitMetric: Double
    /// Whether each edge is in this run's circuit. Shape `[edge]`.
    package var inCircuit: [Bool]
    /// The run whose first `sharedDecisions` decisions are this run's too; nil if it shares none.
    package var parent: Int?
    /// How many decisions are shared with `parent`.
    package var sharedDecisions: Int
    /// This run's own decisions, after the shared ones, in the order in which they were made.
    package var decisions: [LoggedDecision]

    /// Makes a run from its parts.
    package init(
        threshold: Double, order: String, seed: Int? = nil, circuitMetric: Double,
        inCircuit: [Bool], parent: Int? = nil, sharedDecisions: Int = 0,
        decisions: [LoggedDecision] = []
    ) {
        self.threshold = threshold
        self.order = order
        self.seed = seed
        self.circuitMetric = circuitMetric
        self.inCircuit = inCircuit
        self.parent = parent
        self.sharedDecisions = sharedDecisions
        self.decisions = decisions
    }
}
