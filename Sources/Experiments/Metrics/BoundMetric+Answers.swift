extension BoundMetric {
    /// What a token's log-probability, or what is read at a position, counts: with a pair for each, the
    /// mean over pairs is then the mean over answers of the sums over their tokens.
    var tokensPerAnswer: Double { Self.share(of: spelledAnswers, pairs: pairCount) }

    static func share(of spelledAnswers: [Range<Int>], pairs: Int) -> Double {
        spelledAnswers.isEmpty ? 1 : Double(pairs) / Double(spelledAnswers.count)
    }

    /// The metric of each answer, from that of each pair: of answers in several tokens the sums over
    /// their tokens, of a metric of several positions those over these; otherwise the same.
    package func valuesOfAnswers(_ values: [Double]) -> [Double] {
        if spelledAnswers.count == values.count || spelledAnswers.isEmpty { return values }
        return spelledAnswers.map { values[$0].reduce(0, +) / tokensPerAnswer }
    }
}
