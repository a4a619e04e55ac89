/// How something is shared out among named places: shares that add up to 1.
package struct Distribution: Hashable, Sendable {
    /// The share of each place; those without one have none.
    package private(set) var shares: [String: Double]

    /// The distribution in proportion to `amounts`, which aren't negative; nil where all are 0.
    package init?(_ amounts: [String: Double]) {
        // In the order of names, so that the sum is the same each time.
        let total = amounts.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
        guard total > 0, total.isFinite else { return nil }
        shares = amounts.filter { $0.value > 0 }.mapValues { $0 / total }
    }

    /// What two distributions share: the sum over places of the smaller share, which is 1 minus their
    /// total variation distance. 1 where they are the same, 0 where no place is in both.
    package func overlap(with other: Distribution) -> Double {
        shares.sorted { $0.key < $1.key }.reduce(0) { sum, place in
            sum + min(place.value, other.shares[place.key] ?? 0)
        }
    }

    /// The places by their share, largest first.
    package var ranked: [(place: String, share: Double)] {
        shares.map { (place: $0.key, share: $0.value) }
            .sorted { ($1.share, $0.place) < ($0.share, $1.place) }
    }
}
