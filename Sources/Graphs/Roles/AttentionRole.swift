/// What a head attends to in the clean prompts of a dataset, and where its output depends on which of
/// the two prompts is read: from an activation cache.
package struct AttentionRole: Hashable, Sendable {
    /// From each named position, the mean share of attention on each other one, itself, the first token,
    /// the token before and the rest.
    package var fromPosition: [String: Distribution]
    /// From all positions but the first: the mean share of attention on an earlier occurrence of the
    /// same token (`duplicate`), on what followed one (`induction`), the token before, itself, the first
    /// token and the rest. A key is counted by the first of these that holds. Nil for prompts of one token.
    package var byKind: Distribution?
    /// Where the head's output changes most between clean and corrupted prompts: the length of the
    /// change at each named position and at the rest. Nil where the cache has no `hook_z`, or nothing
    /// changes.
    package var actsAt: Distribution?

    /// Names of places that aren't named positions.
    package enum Place {
        /// The position itself.
        package static let itself = "itself"
        /// The first token of the prompt.
        package static let first = "first"
        /// The token before.
        package static let previous = "previous"
        /// Every other one.
        package static let rest = "rest"
        /// An earlier occurrence of the same token.
        package static let duplicate = "duplicate"
        /// The token that followed an earlier occurrence of the same token.
        package static let induction = "induction"
    }

    /// How much each named position counts when what two heads attend to is compared: by where either
    /// acts, or all alike where that isn't known. Adds up to 1.
    static func weights(
        _ first: AttentionRole, _ second: AttentionRole, at positions: [String]
    ) -> [Double] {
        let even = positions.map { _ in 1 / Double(positions.count) }
        guard let mine = first.actsAt, let theirs = second.actsAt else { return even }
        let sums = positions.map { (mine.shares[$0] ?? 0) + (theirs.shares[$0] ?? 0) }
        let total = sums.reduce(0, +)
        return total > 0 ? sums.map { $0 / total } : even
    }

    /// The named position where the head acts most; of those it can attend from the last in the
    /// alphabet where that isn't known.
    package var mainPosition: String? {
        let known = actsAt?.ranked.first { fromPosition[$0.place] != nil }?.place
        return known ?? fromPosition.keys.max()
    }
}
