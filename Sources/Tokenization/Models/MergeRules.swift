/// Which neighbouring tokens of a word merge, and in which order: the learned part of byte-pair
/// encoding.
protocol MergeRules {
    /// The merge of `left` and `right`, if they have one.
    func merge(_ left: Int32, _ right: Int32) -> Merge?
}

/// One merge of two neighbouring tokens.
struct Merge {
    /// The lowest rank in a word is done first; of equal ranks the leftmost.
    var rank: UInt64
    /// The token that both become.
    var result: Int32
    /// Whether that token is cut into the two again where nothing merges with it.
    var isTemporary = false
}
