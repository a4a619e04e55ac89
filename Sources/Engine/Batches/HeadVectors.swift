/// Queries, keys and values of a layer's heads in the packed rows of a batch, or their gradients.
struct HeadVectors {
    /// `[row, head * d_head]`
    var queries: UnsafeMutablePointer<Float>
    /// `[row, key * d_head]`
    var keys: UnsafeMutablePointer<Float>
    /// `[row, key * d_head]`
    var values: UnsafeMutablePointer<Float>
    /// How many keys (and values) a row has: those of the model, or one for every query head.
    let keyCount: Int

    /// Room for the vectors of `rows` rows.
    init(rows: Int, of attention: Attention, keyCount: Int, in workspace: Workspace) {
        let width = attention.dHead
        queries = workspace.take(rows * attention.headCount * width)
        keys = workspace.take(rows * keyCount * width)
        values = workspace.take(rows * keyCount * width)
        self.keyCount = keyCount
    }

    /// Vectors of these rows.
    init(
        queries: UnsafeMutablePointer<Float>, keys: UnsafeMutablePointer<Float>,
        values: UnsafeMutablePointer<Float>, keyCount: Int
    ) {
        self.queries = queries
        self.keys = keys
        self.values = values
        self.keyCount = keyCount
    }

    /// The same queries with keys and values that start so many rows before: those of a cache.
    func startingEarlier(by rows: Int, of attention: Attention) -> HeadVectors {
        let offset = rows * keyCount * attention.dHead
        return HeadVectors(
            queries: queries, keys: keys - offset, values: values - offset, keyCount: keyCount)
    }
}
