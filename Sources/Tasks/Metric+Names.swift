package import Basics

/// How metrics are named: on the command line, in artifacts, and in messages.
extension Metric: CaseIterable, RawRepresentable {
    package static var noun: String { "metric" }

    package static var offer: String { "one of \(listOfNames), or @FILE for one of your own" }

    /// The names, as help texts list them.
    package static var help: String {
        "\(listOfNames), or @FILE for one of your own (docs/metrics.md)"
    }

    /// All but those of users.
    package static var allCases: [Metric] {
        [
            .kl, .jensenShannon, .logitDifference, .probabilityDifference, .negativeLogLikelihood,
            .matchNegativeLogLikelihood, .answerLogProbability, .accuracy, .rank, .l2,
        ]
    }

    /// The name that artifacts keep; that of a user's own metric has its whole content in it.
    package var rawValue: String {
        if case .custom(let metric) = self { return metric.stored }
        return label
    }

    /// A metric that an artifact names; nil if there is none.
    package init?(rawValue: String) {
        if let metric = Self.allCases.first(where: { $0.label == rawValue }) {
            self = metric
        } else if let metric = LogitMetric(stored: rawValue) {
            self = .custom(metric)
        } else {
            return nil
        }
    }

    /// The metric of a name, or that of the file that follows an `@`.
    /// - Throws: `Failure`: usage for a name that there isn't, and what reading the file throws.
    package init(named name: String) throws(Failure) {
        if name.hasPrefix("@") {
            self = .custom(try LogitMetric(file: String(name.dropFirst())))
        } else if let metric = Self(rawValue: name) {
            self = metric
        } else {
            throw Self.unknown(
                name,
                meant: name.hasSuffix(".json")
                    ? "@" + name : Spelling.nearest(to: name, among: Self.allCases.map(\.name)))
        }
    }

    /// The name for people: of a user's own metric, what it is called.
    package var label: String {
        switch self {
        case .kl: "kl"
        case .jensenShannon: "js"
        case .logitDifference: "logit-diff"
        case .probabilityDifference: "prob-diff"
        case .negativeLogLikelihood: "nll"
        case .matchNegativeLogLikelihood: "match-nll"
        case .answerLogProbability: "answer-log-prob"
        case .accuracy: "accuracy"
        case .rank: "rank"
        case .l2: "l2"
        case .custom(let metric): metric.name
        }
    }
}
