import Artifacts
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Models
import Tasks
import Testing

/// Metrics of users against their definition.
@Suite("Metrics of one's own")
struct CustomMetricTests {
    private static func listed(_ ids: [Int32]) -> LogitMetric.Tokens {
        .listed(ids.map { LogitMetric.Token(id: $0) })
    }

    private static func metric(_ terms: [LogitMetric.Term], high: Bool = true) -> Metric {
        .custom(LogitMetric(name: "mine", higherIsBetter: high, terms: terms))
    }

    /// The logit difference, in the words of users.
    static let logitDifference = metric([
        .init(weight: 1, reduction: .mean, tokens: .answers),
        .init(weight: -1, reduction: .mean, tokens: .wrongAnswers),
    ])

    /// One that is linear in logits, one of log-sum-exps, one of the whole vocabulary, and all.
    static let metrics: [Metric] = [
        logitDifference,
        metric([
            .init(weight: 0.5, reduction: .sum, tokens: listed([3, 7])),
            .init(weight: -2, reduction: .logSumExp, tokens: listed([5])),
        ]),
        metric(
            [
                .init(weight: 1, reduction: .logSumExp, tokens: listed([1, 2, 3])),
                .init(weight: -1, reduction: .logSumExp, tokens: listed([8, 9])),
            ], high: false),
        metric([
            .init(weight: 1, reduction: .logSumExp, tokens: .answers),
            .init(weight: -1, reduction: .logSumExp, tokens: .all),
        ]),
        metric(
            [
                .init(weight: 1.5, reduction: .logSumExp, tokens: .all),
                .init(weight: -1, reduction: .logSumExp, tokens: listed([4, 6])),
                .init(weight: 0.25, reduction: .mean, tokens: .wrongAnswers),
            ], high: false),
    ]

    @Test(
        "Values are those of the definition, from logits and from the final stream",
        arguments: ["tiny-llama", "tiny-gemma2", "tiny-gpt2"])
    func values(family: String) throws {
        let pairs = try ReferencePairs(family)
        let dVocab = pairs.transformer.configuration.dVocabOut
        let logits = pairs.corrupted.logits(with: pairs.transformer)
        for metric in Self.metrics {
            guard case .custom(let content) = metric else { continue }
            let bound = try pairs.bound(metric)
            let found = bound.values(logits: logits)
            for pair in 0..<pairs.dataset.pairCount {
                let row = (0..<dVocab).map { Double(logits.values[pair * dVocab + $0]) }
                let expected = content.terms.reduce(0.0) { sum, term in
                    let tokens: [Int] =
                        switch term.tokens {
                        case .listed(let tokens): tokens.compactMap { $0.id.map(Int.init) }
                        case .answers: pairs.dataset.answers[pair].map { Int($0[0]) }
                        case .wrongAnswers: pairs.dataset.wrongAnswers[pair].map { Int($0[0]) }
                        case .all: Array(row.indices)
                        }
                    let sumOfLogits = tokens.reduce(0) { $0 + row[$1] }
                    return sum
                        + term.weight
                        * {
                            switch term.reduction {
                            case .sum: sumOfLogits
                            case .mean: sumOfLogits / Double(tokens.count)
                            case .logSumExp: log(tokens.reduce(0) { $0 + exp(row[$1]) })
                            }
                        }()
                }
                #expect(abs(found[pair] - expected) < 1e-5 * max(1, abs(expected)), "\(metric)")
            }
            // The same from rows of the final stream.
            let dModel = pairs.transformer.configuration.dModel
            let stream = FloatBuffer((0..<dModel).map { Float(sin(Double($0) * 0.7)) })
            let whole = pairs.transformer.unembed(normalized: stream, rows: 1)
            let one = bound.values(normalized: stream, pairs: [0])[0]
            let other = bound.value(logits: whole.values, pair: 0)
            #expect(abs(one - other) < 1e-4 * max(1, abs(other)), "\(metric)")
        }
    }

    @Test("One that is the log-probability of the answers is that metric")
    func logProbability() throws {
        let pairs = try ReferencePairs("tiny-llama", file: "ragged")
        let values = try pairs.bound(Self.metrics[3]).values(logits: pairs.cleanLogits)
        let expected = try pairs.bound(.negativeLogLikelihood).values(logits: pairs.cleanLogits)
        for (one, other) in zip(values, expected) { #expect(abs(one + other) < 1e-5) }
    }
}
