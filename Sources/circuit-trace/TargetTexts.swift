import Discovery

extension AttributionTargets {
    /// The targets as text: `" Mary"`, `" Mary" - " John"`, with ids where two tokens are spelt the same;
    /// nil of directions, and where a token's text isn't known.
    func texts(_ spelling: (Int32) -> String?) -> [String?] {
        tokens.map { ids in
            let texts = ids.compactMap(spelling)
            guard !ids.isEmpty, texts.count == ids.count else { return nil }
            let isAmbiguous = Set(texts).count < texts.count
            return zip(ids, texts).map { id, text in
                text.debugDescription + (isAmbiguous ? " (t\(id))" : "")
            }.joined(separator: " - ")
        }
    }
}
