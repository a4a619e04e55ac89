/// Which metrics are high for a good circuit, by name. Artifacts hold every metric as it is named; a
/// search minimises its loss, which of these metrics is the metric negated.
package enum MetricSign {
    private static let higherIsBetter: Set = [
        "logit-diff", "prob-diff", "answer-log-prob", "accuracy",
    ]

    /// Whether a good circuit has a high value of the metric `name`.
    package static func isHigherBetter(_ name: String) -> Bool {
        // A user's own metric says it in its content, whose keys are sorted.
        MetricName.content(of: name)?.hasPrefix("{\"better\":\"high\"")
            ?? higherIsBetter.contains(name)
    }

    /// -1 for a metric that is high for a good circuit, else 1: the loss is the metric times this.
    package static func lossSign(of name: String) -> Double { isHigherBetter(name) ? -1 : 1 }

    /// The loss as a formula, for people: `kl`, or `-logit-diff`.
    package static func lossName(of name: String) -> String {
        (isHigherBetter(name) ? "-" : "") + MetricName.label(of: name)
    }
}
