/// One edge tested by ACDC, as the decision log of a circuit has it: the metric before and after its
/// removal, and what was decided. A search and its journal hold the loss instead: ``Decision``.
package struct LoggedDecision: Hashable, Sendable {
    /// The edge, an index into the graph's edges.
    package var edge: Int32
    /// The metric of the current circuit before the test.
    package var before: Double
    /// The metric with the edge removed.
    package var after: Double
    /// Whether the edge was removed.
    package var removed: Bool

    /// Makes a decision from its parts.
    package init(edge: Int32, before: Double, after: Double, removed: Bool) {
        self.edge = edge
        self.before = before
        self.after = after
        self.removed = removed
    }

    /// By how much removing the edge raised the loss, on which the decision depends.
    package func lossIncrease(metric: String) -> Double {
        MetricSign.isHigherBetter(metric) ? before - after : after - before
    }
}
