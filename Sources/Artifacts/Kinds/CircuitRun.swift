/// One of several runs kept in a circuit artifact: another threshold, or another traversal order.
///
/// Runs that only differ in the threshold make the same decisions until the first effect that lies
/// between their thresholds; such a run names the one it parted from and stores only its own rest.
public struct CircuitRun: Hashable, Sendable {
    /// The threshold of this run.
    public var threshold: Double
    /// The traversal order, for example `cli`, `library` or `shuffle`.
    public var order: String
    /// The seed of a shuffled order; nil for a preset.
    public var seed: Int?
    /// The metric of this run's circuit, as minimised.
    public var circuitMetric: Double
    /// Whether each edge is in this run's circuit. Shape `[edge]`.
    public var inCircuit: [Bool]
    /// The run whose first `sharedDecisions` decisions are this run's too; nil if it shares none.
    public var parent: Int?
    /// How many decisions are shared with `parent`.
    public var sharedDecisions: Int
    /// This run's own decisions, after the shared ones, in the order in which they were made.
    public var decisions: [Decision]

    /// Makes a run from its parts.
    public init(
        threshold: Double, order: String, seed: Int? = nil, circuitMetric: Double,
        inCircuit: [Bool], parent: Int? = nil, sharedDecisions: Int = 0,
        decisions: [Decision] = []
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
