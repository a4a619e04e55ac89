/// One edge tested by ACDC, as the search and its journal hold it: the loss before and after its
/// removal, and what was decided. The loss is what the search minimises: the metric, negated if a
/// good circuit has a high value.
package struct Decision: Hashable, Sendable {
    /// The edge, an index into the graph's edges.
    package var edge: Int32
    /// The loss of the current circuit before the test.
    package var before: Double
    /// The loss with the edge removed.
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
