/// Merges that no file lists: two neighbouring tokens merge wherever both together are a token, and
/// the token with the best score is made first. SentencePiece's byte-pair encoding.
///
/// Nothing is prepared but an order of the tokens: the pairs are looked up as a text needs them.
/// Gemma's 262,144 tokens would make a table of half a million merges.
struct ScoredMerges: MergeRules, Sendable {
    /// Which of two merges that make equally good tokens comes first.
    enum Ties: Sendable {
        /// The leftmost: SentencePiece.
        case leftmost
        /// The one with the longer left part, of these the one with the longer right part, of these
        /// the one that makes the earlier token: the order in which `transformers` writes a
        /// vocabulary's merges down (`generate_merges`).
        case longestLeft
    }

    private let index: TokenIndex
    private let ties: Ties
    /// By id: how many different scores are better than this token's.
    private let order: [UInt32]
    /// By id, tokens that are merged on for what comes after them, and cut again where they are
    /// left over; empty where there are none. SentencePiece calls them unused.
    private let isTemporary: [Bool]

    /// Merges into the tokens that `index` finds, of which `scores` says which are best: one score a
    /// token, or none where tokens are the better the smaller their id is.
    init(_ index: TokenIndex, scores: [Float], ties: Ties, isTemporary: [Bool] = []) {
        self.index = index
        self.ties = ties
        self.isTemporary = isTemporary
        if scores.isEmpty {
            order = (0..<UInt32(index.tokens.count)).map(\.self)
            return
        }
        // Vocabularies are written down by falling score, all but a few tokens of them.
        var order = [UInt32](repeating: 0, count: scores.count)
        let ids = scores.indices.sorted { scores[$0] > scores[$1] }
        var class_: UInt32 = 0
        for (place, id) in ids.enumerated() {
            if place > 0, scores[id] != scores[ids[place - 1]] { class_ += 1 }
            order[id] = class_
        }
        self.order = order
    }

    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        // Symbols that nothing merges with lie beyond the vocabulary: ``BytePairModel``.
        guard left < order.count, right < order.count,
            let result = index.id(joining: left, right)
        else { return nil }
        var rank = UInt64(order[Int(result)])
        if ties == .longestLeft {
            rank = rank << 10 | (1023 - length(left))
            rank = rank << 10 | (1023 - length(right))
            rank = rank << 20 | min(UInt64(result), 1 << 20 - 1)
        }
        return Merge(
            rank: rank, result: result,
            isTemporary: !isTemporary.isEmpty && isTemporary[Int(result)])
    }

    /// The characters of token `id`; those beyond 1023 don't count.
    private func length(_ id: Int32) -> UInt64 {
        var count: UInt64 = 0
        for byte in index.tokens[Int(id)] where byte & 0xC0 != 0x80 { count += 1 }
        return min(count, 1023)
    }
}
