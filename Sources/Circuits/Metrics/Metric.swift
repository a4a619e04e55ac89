/// What a circuit is judged by: a number for each pair, from the logits at the end of the prompt.
///
/// Every metric is defined once, here and in `MetricEvaluator`; the metric of a run is the plain
/// mean over pairs.
public enum Metric: String, Hashable, Sendable, CaseIterable {
    /// KL(full model on the clean prompt || circuit), in nats.
    case kl
    /// Mean logit of the answers minus mean logit of the wrong answers.
    case logitDifference = "logit-diff"
    /// Summed probability of the answers minus that of the wrong answers (greater-than).
    case probabilityDifference = "prob-diff"
    /// Negative log of the summed probability of the answers, in nats.
    case negativeLogLikelihood = "nll"

    /// What it is called for people.
    public var title: String {
        switch self {
        case .kl: "KL divergence from the full model"
        case .logitDifference: "logit difference"
        case .probabilityDifference: "probability difference"
        case .negativeLogLikelihood: "negative log-likelihood"
        }
    }

    /// Whether a circuit that does the task well has a high value. ACDC minimises, so it negates
    /// these.
    public var higherIsBetter: Bool {
        switch self {
        case .logitDifference, .probabilityDifference: true
        case .kl, .negativeLogLikelihood: false
        }
    }

    /// The metric of this name.
    /// - Throws: `CircuitError` that lists the names there are.
    public init(named name: String) throws(CircuitError) {
        guard let metric = Metric(rawValue: name) else {
            let names = Metric.allCases.map(\.rawValue).joined(separator: ", ")
            throw CircuitError(.usage, "there is no metric '\(name)'; choose one of \(names)")
        }
        self = metric
    }

    /// Whether pairs need wrong answers.
    var needsWrongAnswers: Bool { self == .logitDifference || self == .probabilityDifference }
    /// Whether pairs need answers.
    var needsAnswers: Bool { self != .kl }
}
