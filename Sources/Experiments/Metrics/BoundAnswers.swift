import Artifacts
import Basics
import Tasks

/// The answers of a dataset as tokens that a metric can read.
struct BoundAnswers {
    private let dataset: DatasetArtifact
    private let metric: Metric
    private let dVocab: Int

    init(_ dataset: DatasetArtifact, _ metric: Metric, dVocab: Int) {
        self.dataset = dataset
        self.metric = metric
        self.dVocab = dVocab
    }

    /// The token of each answer, `[pair][answer]`; nothing where the metric doesn't read them.
    /// - Throws: `Failure` (bad data) where a pair lacks what the metric needs.
    func answers() throws(Failure) -> [[Int]] {
        guard metric.needsAnswers else { return [] }
        return try tokens(dataset.answers, "answers", required: true)
    }

    /// The token of each wrong answer, likewise.
    func wrongAnswers() throws(Failure) -> [[Int]] {
        guard metric.needsWrongAnswers || metric == .accuracy else { return [] }
        return try tokens(
            dataset.wrongAnswers, "wrong answers", required: metric.needsWrongAnswers)
    }

    /// Refuses pairs that lack what the metric reads.
    /// - Throws: `Failure` (bad data) that names the pair.
    func check() throws(Failure) {
        _ = try answers()
        _ = try wrongAnswers()
    }

    private func tokens(
        _ sets: [[[Int32]]], _ what: String, required: Bool
    ) throws(Failure) -> [[Int]] {
        var tokens: [[Int]] = []
        for pair in 0..<dataset.pairCount {
            let set = pair < sets.count ? sets[pair] : []
            if required, set.isEmpty {
                throw Failure(
                    .badData,
                    "pair \(pair) has no \(what), which the metric \(metric.label) needs; "
                        + "use --metric kl or add them to the dataset")
            }
            if metric == .answerLogProbability, set.count > 1 {
                throw Failure(
                    .badData,
                    "pair \(pair) has \(set.count) answers, and the metric \(metric.label) reads "
                        + "one; use --metric nll for sets of answers")
            }
            var row: [Int] = []
            for answer in set {
                guard answer.count == 1 else {
                    throw Failure(
                        .badData,
                        "pair \(pair) has one of its \(what) in \(answer.count) tokens, and the "
                            + "metric \(metric.label) reads a single token; use --metric "
                            + "answer-log-prob, which reads them all, or shorter answers")
                }
                row.append(try token(answer[0], of: pair, what))
            }
            tokens.append(row)
        }
        return tokens
    }

    private func token(_ id: Int32, of pair: Int, _ what: String) throws(Failure) -> Int {
        guard id >= 0, id < dVocab else {
            throw Failure(
                .badData,
                "pair \(pair) has the token \(id) among its \(what), "
                    + "which isn't in the model's vocabulary of \(dVocab)")
        }
        return Int(id)
    }
}
