/// One side of a dataset: the clean or the corrupted prompts, one per pair.
package struct Prompts: Hashable, Sendable {
    /// The texts, one per pair; nil where the prompts were given as token ids.
    package var texts: [String]?
    /// The token ids, one row per pair, with the BOS token where one was added. Rows may differ in
    /// length between pairs, not within a pair.
    package var ids: [[Int32]]

    /// Makes prompts from token ids and, if there are any, their texts.
    package init(texts: [String]? = nil, ids: [[Int32]]) {
        self.texts = texts
        self.ids = ids
    }
}
