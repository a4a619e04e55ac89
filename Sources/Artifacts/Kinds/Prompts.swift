/// One side of a dataset: the clean or the corrupted prompts, one per pair.
public struct Prompts: Hashable, Sendable {
    /// The texts, one per pair; nil where the prompts were given as token ids.
    public var texts: [String]?
    /// The token ids, one row per pair, with the BOS token where one was added. Rows may differ in
    /// length between pairs, not within a pair.
    public var ids: [[Int32]]

    /// Makes prompts from token ids and, if there are any, their texts.
    public init(texts: [String]? = nil, ids: [[Int32]]) {
        self.texts = texts
        self.ids = ids
    }
}
