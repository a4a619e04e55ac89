extension BoundMetric {
    /// What a token's log-probability counts: with a pair for each token, the mean over pairs is then
    /// the mean over answers of the sums over their tokens.
    var tokensPerAnswer: Double {
        spelledAnswers.isEmpty ? 1 : Double(pairCount) / Double(spelledAnswers.count)
    }

    /// The metric of each answer, from that of each pair: of answers in several tokens the sums over
    /// their tokens, otherwise the same.
    package func valuesOfAnswers(_ values: [Double]) -> [Double] {
        if spelledAnswers.count == values.count || spelledAnswers.isEmpty { return values }
        return spelledAnswers.map { values[$0].reduce(0, +) / tokensPerAnswer }
    }
}
