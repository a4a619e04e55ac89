import Basics

extension MergeTable {
    /// The two tokens of a merge, as bytes.
    struct Pair {
        /// The left token.
        var left: [UInt8] = []
        /// The right token.
        var right: [UInt8] = []
    }

    /// The table of `count` merges of the tokens in `tokens`; `fill` gives the pair of each rank
    /// into an empty one. A merge of, or into, what is no token is an error.
    init(
        tokens: TokenIndex, count: Int, _ bad: (String) -> Failure,
        fill: (Int, inout Pair) throws(Failure) -> Void
    ) throws(Failure) {
        self.init(capacity: count)
        var pair = Pair()
        for rank in 0..<count {
            pair.left.removeAll(keepingCapacity: true)
            pair.right.removeAll(keepingCapacity: true)
            try fill(rank, &pair)
            let left = tokens.id(of: pair.left)
            let right = tokens.id(of: pair.right)
            pair.left.append(contentsOf: pair.right)
            guard let left, let right, let result = tokens.id(of: pair.left) else {
                throw bad(
                    "merge \(rank), which makes `\(String(decoding: pair.left, as: UTF8.self))`,"
                        + " needs a token that is not in the vocabulary")
            }
            insert(left: left, right: right, rank: UInt32(rank), result: result)
        }
    }
}
