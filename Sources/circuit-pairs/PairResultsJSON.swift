import Basics
import Experiments
import Tasks
import Tokenization

/// The JSON of `--report` and `--check`.
struct PairResultsJSON: Encodable {
    struct Side: Encodable {
        var right, top: Double?
        var metric: Double?

        init(_ side: TaskReport.Side) {
            (right, top) = (side.accuracy, side.topAccuracy)
            metric = side.metric.isFinite ? side.metric : nil
        }
    }

    struct Outcome: Encodable {
        var right, top: Bool?
        var rank: Int?
        var likeliest: Int32
        /// Its text; none without a tokenizer.
        var likeliest_text: String?
        var metric: Double?

        init(_ outcome: TaskReport.Outcome, _ pairs: SourcePairs) {
            (right, top, rank) = (outcome.isRight, outcome.isTop, outcome.rank)
            likeliest = outcome.likeliest
            likeliest_text = pairs.tokenizer?.decode([outcome.likeliest])
            metric = outcome.metric.isFinite ? outcome.metric : nil
        }
    }

    struct Pair: Encodable {
        var pair: Int
        /// The line that the pair was read from.
        var from: String?
        var clean, corrupted: Outcome
    }

    struct Finding: Encodable {
        var check, verdict, figure: String
        var value: Double?
        var advice: String
    }

    var metric: String
    var clean, corrupted: Side
    var pairs: [Pair]
    var warnings: [String]
    var verdict: String?
    var checks: [Finding]?

    init(_ results: PairResults) {
        let report = results.report
        metric = report.metric.name
        (clean, corrupted) = (Side(report.clean), Side(report.corrupted))
        pairs = (0..<report.pairCount).map { pair in
            Pair(
                pair: pair, from: results.pairs.locations?[pair],
                clean: Outcome(report.cleanOutcomes[pair], results.pairs),
                corrupted: Outcome(report.corruptedOutcomes[pair], results.pairs))
        }
        warnings = report.warnings
        verdict = results.verdict?.verdict.rawValue
        checks = results.verdict?.findings.map {
            Finding(
                check: $0.check, verdict: $0.verdict.rawValue, figure: $0.figure, value: $0.value,
                advice: $0.advice)
        }
    }
}
