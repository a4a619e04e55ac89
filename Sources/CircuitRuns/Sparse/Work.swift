/// What an evaluation took.
package struct Work: Hashable, Sendable {
    /// Nodes evaluated: one for each node, variant and set of pairs.
    package var nodes = 0
    /// Variants of the circuit whose metric was computed.
    package var evaluations = 0

    /// Nothing yet.
    package init() {}

    /// Adds an evaluation of a plan.
    mutating func add(_ plan: EvaluationPlan, variants: Int) {
        nodes += plan.nodeCount * variants
        evaluations += variants
    }

    /// The sum of two.
    package static func + (a: Work, b: Work) -> Work {
        var sum = a
        sum.nodes += b.nodes
        sum.evaluations += b.evaluations
        return sum
    }
}
