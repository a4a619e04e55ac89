/// The sign with which artifacts store a metric. A search minimises, so a metric that is high for a
/// good circuit is stored negated.
package enum StoredMetric {
    /// The metrics, by name, that are high for a good circuit.
    private static let negated: Set = ["logit-diff", "prob-diff", "answer-log-prob", "accuracy"]

    /// -1 for a metric that is stored negated, else 1: a stored value times this is the metric.
    package static func sign(of name: String) -> Double { negated.contains(name) ? -1 : 1 }
}
