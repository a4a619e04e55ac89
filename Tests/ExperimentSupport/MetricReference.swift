package import Tasks

/// `metrics.json`: what the reference implementation says of every metric on the pairs of a file.
package struct MetricReference: Decodable {
    package struct OfMetric: Decodable {
        /// Of each pair, on the corrupted prompt.
        package var corrupted: [Double]
        /// Of each pair, with the edges that aren't present cut.
        package var patched: [Double]
        /// The scores by EAP-IG, for metrics with a gradient.
        package var scores: [Float]?
        private enum CodingKeys: String, CodingKey {
            case corrupted, patched
            case scores = "eap-ig-inputs"
        }
    }
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package var edges: [String]
    package var present: [Bool]
    package var metrics: [Metric: OfMetric] = [:]

    package init(from decoder: any Decoder) throws {
        let content = try decoder.container(keyedBy: Key.self)
        edges = try content.decode([String].self, forKey: Key(stringValue: "edges"))
        present = try content.decode(String.self, forKey: Key(stringValue: "present"))
            .map { $0 == "1" }
        for metric in Metric.allCases where metric != .answerLogProbability {
            metrics[metric] = try content.decode(
                OfMetric.self, forKey: Key(stringValue: metric.rawValue))
        }
    }

    /// The reference's values of a family, with the pairs they are of.
    package static func cases(
        _ family: String
    ) throws -> [(pairs: ReferencePairs, MetricReference)] {
        let references = try ReferencePairs(family)
            .reference("metrics", as: [String: MetricReference].self)
        return try references.map { try (ReferencePairs(family, file: $0.key), $0.value) }
    }
}

/// `spelled.json`: the log-probability of answers in several tokens.
package struct SpelledReference: Decodable {
    package var present: String
    /// Of each pair.
    package var clean: [Double]
    package var corrupted: [Double]
    package var patched: [Double]
    package var scores: [Float]
    private enum CodingKeys: String, CodingKey {
        case present, clean, corrupted, patched
        case scores = "eap-ig-inputs"
    }
}
