/// One edge tested by ACDC: the metric before and after its removal, and what was decided.
package struct Decision: Hashable, Sendable {
    /// The edge, an index into the graph's edges.
    package var edge: Int32
    /// The metric of the current circuit before the test, as minimised.
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
}
