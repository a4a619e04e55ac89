package import Artifacts
package import Basics

/// Answers of several tokens, read with teacher forcing: a token's log-probability is that after the
/// prompt and the answer's tokens before it.
extension Metric {
    /// The pairs that the metric reads at the ends of their prompts: those of the dataset or, by the
    /// log-probability of answers in several tokens, a pair for each token, with the answer's tokens
    /// before it behind the clean and the corrupted prompt.
    ///
    /// With causal attention that is the same as reading several positions of one longer prompt.
    /// - Throws: `Failure` (bad data) where a pair has not exactly one answer.
    package func pairs(of dataset: DatasetArtifact) throws(Failure) -> DatasetArtifact {
        guard self == .answerLogProbability else { return dataset }
        var (clean, corrupted, answers): ([[Int32]], [[Int32]], [[[Int32]]]) = ([], [], [])
        var origins: [Int] = []
        for pair in 0..<dataset.pairCount {
            let set = pair < dataset.answers.count ? dataset.answers[pair] : []
            guard set.count == 1, let answer = set.first, !answer.isEmpty else {
                throw Failure(
                    .badData,
                    "pair \(pair) has \(set.count) answers, and the metric \(label) reads one; "
                        + "use --metric nll for sets of answers")
            }
            for (index, token) in answer.enumerated() {
                clean.append(dataset.clean.ids[pair] + answer[..<index])
                corrupted.append(dataset.corrupted.ids[pair] + answer[..<index])
                answers.append([[token]])
                origins.append(pair)
            }
        }
        if clean.count == dataset.pairCount { return dataset }
        var result = dataset
        result.clean = Prompts(ids: clean)
        result.corrupted = Prompts(ids: corrupted)
        result.answers = answers
        result.wrongAnswers = Array(repeating: [], count: answers.count)
        (result.answerTexts, result.wrongAnswerTexts) = (nil, nil)
        result.spelledFrom = origins
        result.positions = dataset.positions.mapValues { values in origins.map { values[$0] } }
        return result
    }
}

extension DatasetArtifact {
    /// The pairs of each answer: several where the answer is spelled, a pair for each of its tokens.
    package var spelledAnswers: [Range<Int>] {
        guard let spelledFrom else { return (0..<pairCount).map { $0..<$0 + 1 } }
        var ranges: [Range<Int>] = []
        for pair in 0..<pairCount {
            if pair > 0, spelledFrom[pair] == spelledFrom[pair - 1] {
                ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<pair + 1
            } else {
                ranges.append(pair..<pair + 1)
            }
        }
        return ranges
    }
}
