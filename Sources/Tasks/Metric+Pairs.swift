package import Artifacts
package import Basics

/// Metrics that read more of a pair than the end of its prompts. Answers of several tokens are read with
/// teacher forcing: a token's log-probability is that after the prompt and the answer's tokens before it.
extension Metric {
    /// The pairs that the metric reads at the ends of their prompts: those of the dataset or, by the
    /// log-probability of answers in several tokens, a pair for each token, with the answer's tokens
    /// before it behind the clean and the corrupted prompt; by a user's own metric that reads other
    /// positions, a pair for each of them (see `LogitMetric.pairs(of:)`).
    ///
    /// With causal attention that is the same as reading several positions of one longer prompt.
    /// - Throws: `Failure` (bad data) where a pair has not exactly one answer, or lacks a position.
    package func pairs(of dataset: DatasetArtifact) throws(Failure) -> DatasetArtifact {
        if case .custom(let metric) = self, metric.readsPositions {
            return try metric.pairs(of: dataset)
        }
        return self == .answerLogProbability ? try spelledPairs(of: dataset) : dataset
    }

    private func spelledPairs(
        of dataset: DatasetArtifact
    ) throws(Failure) -> DatasetArtifact {
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
        return dataset.spelled(
            from: origins, clean: clean, corrupted: corrupted, answers: answers,
            wrongAnswers: Array(repeating: [], count: answers.count))
    }
}

extension DatasetArtifact {
    /// The dataset with several pairs made of one.
    /// - Parameter origins: of each pair, the one that it was made of, in ascending order.
    func spelled(
        from origins: [Int], clean: [[Int32]], corrupted: [[Int32]], answers: [[[Int32]]],
        wrongAnswers: [[[Int32]]]
    ) -> DatasetArtifact {
        var result = self
        result.clean = Prompts(ids: clean)
        result.corrupted = Prompts(ids: corrupted)
        result.answers = answers
        result.wrongAnswers = wrongAnswers
        (result.answerTexts, result.wrongAnswerTexts) = (nil, nil)
        result.spelledFrom = origins
        // A prompt that was cut lacks the positions behind its end.
        result.positions = positions.mapValues { values in
            zip(origins, clean).map { values[$0] < $1.count ? values[$0] : -1 }
        }
        return result
    }

    /// Of each pair the prompts that hold those of all pairs made of it; nil where none were made.
    package var wholePrompts: [Int]? {
        spelledFrom.map { _ in spelledAnswers.map { $0.upperBound - 1 } }
    }

    /// The pairs of each pair that the metric's value is of: several where an answer is spelled, a pair
    /// for each of its tokens, or where several positions are read, a pair for each.
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
