import Glibc

/// How alike the roles of two heads are, between 0 and 1: the geometric mean of the parts that are known of
/// both, so that heads which differ wholly in one part don't play the same one, whatever else is alike.
package struct RoleSimilarity: Hashable, Sendable {
    /// What is compared.
    package enum Part: String, CaseIterable, Hashable, Sendable {
        /// What the named positions attend to, those where either head acts the more.
        case attention
        /// What kinds of keys all positions attend to: duplicates, tokens after them, the token before.
        case kinds
        /// Where the heads' outputs depend on which prompt is read.
        case acts
        /// What the heads read, by input and kind of sender.
        case reads
        /// What kinds of receiver the heads write to.
        case writes
        /// The relative depth of their layers.
        case depth
    }

    /// The similarity of each part that is known of both heads: 1 minus a total variation distance,
    /// and of depths 1 minus their difference.
    package let parts: [Part: Double]

    /// The geometric mean of the parts, each at least `floor`.
    package var value: Double {
        let known = Part.allCases.compactMap { parts[$0] }
        guard !known.isEmpty else { return 0 }
        let product = known.reduce(1) { $0 * max($1, Self.floor) }
        return pow(product, 1 / Double(known.count))
    }

    /// What a part counts at least, so that one alone doesn't make all others worthless.
    static let floor = 0.05

    /// Compares two roles.
    package init(_ first: HeadRole, _ second: HeadRole) {
        var parts: [Part: Double] = [.depth: 1 - abs(first.depth - second.depth)]
        parts[.reads] = Self.overlap(first.reads, second.reads)
        parts[.writes] = Self.overlap(first.writes, second.writes)
        if let mine = first.attention, let theirs = second.attention {
            parts[.attention] = Self.attention(mine, theirs)
            parts[.kinds] = Self.overlap(mine.byKind, theirs.byKind)
            if let acts = mine.actsAt, let other = theirs.actsAt {
                parts[.acts] = acts.overlap(with: other)
            }
        }
        self.parts = parts
    }

    /// The overlap of two distributions: 0 where only one of the heads has one, nil where neither has.
    private static func overlap(_ first: Distribution?, _ second: Distribution?) -> Double? {
        guard let first, let second else { return first == nil && second == nil ? nil : 0 }
        return first.overlap(with: second)
    }

    private static func attention(_ first: AttentionRole, _ second: AttentionRole) -> Double? {
        let common = first.fromPosition.keys.filter { second.fromPosition[$0] != nil }.sorted()
        guard !common.isEmpty else { return nil }
        let weights = AttentionRole.weights(first, second, at: common)
        return zip(common, weights).reduce(0) { sum, position in
            guard let mine = first.fromPosition[position.0],
                let theirs = second.fromPosition[position.0]
            else { return sum }
            return sum + position.1 * mine.overlap(with: theirs)
        }
    }
}
