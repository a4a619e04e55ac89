package import Basics

/// What a circuit is judged by: a number for each pair, from the logits at the end of the prompt.
///
/// Every metric is defined once, here and in `BoundMetric`; the metric of a circuit is the plain
/// mean over pairs. An answer is read by its one token, but where said otherwise; "the full model" is
/// its run on the clean prompt.
package enum Metric: Hashable, Sendable, NamedChoice {
    /// KL(full model || circuit), in nats.
    case kl
    /// Jensen-Shannon divergence of circuit and full model, in nats: the mean of both KL divergences
    /// from their average; from 0 to log 2.
    case jensenShannon
    /// Mean logit of the answers minus mean logit of the wrong answers.
    case logitDifference
    /// Summed probability of the answers minus that of the wrong answers (greater-than).
    case probabilityDifference
    /// Negative log of the summed probability of the answers, in nats.
    case negativeLogLikelihood
    /// Negative log of the probability of the full model's own likeliest token, in nats.
    case matchNegativeLogLikelihood
    /// Log-probability of the answer, in nats, summed over its tokens, each after the answer's tokens
    /// before it (teacher forcing): see `pairs(of:)`.
    case answerLogProbability
    /// 1 where the likeliest answer is likelier than every wrong answer (without wrong answers: than
    /// every other token), else 0. It has no gradient.
    case accuracy
    /// The rank of the likeliest answer among all tokens, the likeliest being 1. It has no gradient.
    case rank
    /// Squared L2 distance of the logits from the full model's, summed over the vocabulary.
    case l2
    /// One of the user's own, of logits.
    indirect case custom(LogitMetric)

    /// What it is called for people.
    package var title: String {
        switch self {
        case .kl: "KL divergence from the full model"
        case .jensenShannon: "Jensen-Shannon divergence from the full model"
        case .logitDifference: "logit difference"
        case .probabilityDifference: "probability difference"
        case .negativeLogLikelihood: "negative log-likelihood"
        case .matchNegativeLogLikelihood: "negative log-likelihood of the full model's answer"
        case .answerLogProbability: "log-probability of the answer"
        case .accuracy: "accuracy"
        case .rank: "rank of the answer"
        case .l2: "squared distance of the logits from the full model's"
        case .custom(let metric): metric.name
        }
    }

    /// Whether a circuit that does the task well has a high value. ACDC minimises, so it negates
    /// these.
    package var higherIsBetter: Bool {
        switch self {
        case .logitDifference, .probabilityDifference, .answerLogProbability, .accuracy: true
        case .kl, .jensenShannon, .negativeLogLikelihood, .matchNegativeLogLikelihood, .rank, .l2:
            false
        case .custom(let metric): metric.higherIsBetter
        }
    }

    /// 1 if the metric is itself a loss, -1 if a good circuit has a high value: times this, it is
    /// the loss, which a search minimises.
    package var lossSign: Double { higherIsBetter ? -1 : 1 }

    /// The metric whose loss this is; 0 for a loss of 0, never -0.
    package func value(ofLoss loss: Double) -> Double { higherIsBetter ? 0 - loss : loss }

    /// Whether it is a distance from the full model's output, whose gradient is zero on the clean run.
    package var isDistance: Bool {
        switch self {
        case .kl, .jensenShannon, .l2: true
        case .logitDifference, .probabilityDifference, .negativeLogLikelihood,
            .matchNegativeLogLikelihood, .answerLogProbability, .accuracy, .rank, .custom:
            false
        }
    }

    /// Whether it reads the full model's output.
    package var readsFullModel: Bool { isDistance || self == .matchNegativeLogLikelihood }

    /// Whether it has a gradient, which methods of gradients need.
    package var isDifferentiable: Bool {
        switch self {
        case .accuracy, .rank: false
        case .kl, .jensenShannon, .logitDifference, .probabilityDifference,
            .negativeLogLikelihood, .matchNegativeLogLikelihood, .answerLogProbability, .l2,
            .custom:
            true
        }
    }

    /// Refuses a metric without a gradient.
    /// - Throws: `Failure` (usage).
    package func requireGradient() throws(Failure) {
        guard isDifferentiable else {
            let others = Metric.allCases.filter(\.isDifferentiable).map(\.name)
            throw Failure(
                .usage,
                "the metric \(label) has no gradient, which this method needs; choose one of "
                    + others.joined(separator: ", ") + ", or the method exact")
        }
    }

    /// Whether pairs need wrong answers.
    package var needsWrongAnswers: Bool {
        switch self {
        case .logitDifference, .probabilityDifference: true
        case .kl, .jensenShannon, .negativeLogLikelihood, .matchNegativeLogLikelihood,
            .answerLogProbability, .accuracy, .rank, .l2:
            false
        case .custom(let metric): metric.readsWrongAnswers
        }
    }

    /// Whether pairs need answers.
    package var needsAnswers: Bool {
        switch self {
        case .logitDifference, .probabilityDifference, .negativeLogLikelihood,
            .answerLogProbability, .accuracy, .rank:
            true
        case .kl, .jensenShannon, .matchNegativeLogLikelihood, .l2: false
        case .custom(let metric): metric.readsAnswers
        }
    }

    /// Whether it reads the probabilities of tokens, not only their logits.
    package var readsProbabilities: Bool {
        switch self {
        case .kl, .jensenShannon, .probabilityDifference, .negativeLogLikelihood,
            .matchNegativeLogLikelihood, .answerLogProbability:
            true
        case .logitDifference, .accuracy, .rank, .l2: false
        case .custom(let metric): metric.readsAll
        }
    }

    /// Whether it reads a set of answers as one event: the log of their summed probability.
    package var readsAnswerSet: Bool {
        self == .negativeLogLikelihood || self == .matchNegativeLogLikelihood
    }

    /// Whether it counts the tokens that are likelier than the answer.
    package var countsBetterTokens: Bool { self == .accuracy || self == .rank }

    /// Whether it compares with all of the full model's probabilities.
    package var readsReferenceProbabilities: Bool { self == .kl || self == .jensenShannon }
}
