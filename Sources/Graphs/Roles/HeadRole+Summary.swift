extension HeadRole {
    /// The role in words: where it acts and what it attends to from there, what it reads, what it writes:
    /// `end: IO 0.68, S1 0.14; reads v<-mlp 0.90; writes logits 1.00`.
    package var summary: String {
        var parts: [String] = []
        if let attention, let position = attention.mainPosition {
            parts.append("\(position): \(Self.text(attention.fromPosition[position]))")
        } else if let kinds = attention?.byKind {
            parts.append("attends to \(Self.text(kinds))")
        }
        if let reads { parts.append("reads \(Self.text(reads))") }
        if let writes { parts.append("writes \(Self.text(writes))") }
        return parts.joined(separator: "; ")
    }

    /// The largest shares of a distribution.
    private static func text(_ distribution: Distribution?) -> String {
        (distribution?.ranked ?? []).prefix(2).filter { $0.share >= 0.05 }
            .map { "\($0.place) \(percent($0.share))" }.joined(separator: ", ")
    }

    private static func percent(_ share: Double) -> String {
        "\(Int((100 * share).rounded()))%"
    }
}
