package import Models

/// The attention of one layer, ready to run: its weights head by head, and what a head computes.
///
/// Heads lie one after the other in the projections' outputs. Where there are fewer keys and values
/// than heads, neighbouring heads share them.
package struct Attention: Sendable {
    /// To the queries of all heads: d_model to n_heads * d_head.
    package let query: Affine
    /// To all keys: d_model to n_kv_heads * d_head.
    package let key: Affine
    /// To all values: d_model to n_kv_heads * d_head.
    package let value: Affine
    /// From z of all heads: n_heads * d_head to d_model.
    package let output: Affine
    /// From a head's queries, keys and values to its z.
    package let head: AttentionHead
    /// n_heads.
    package let headCount: Int
    /// n_kv_heads.
    package let keyValueHeadCount: Int
    private let rotation: Rotation?

    init(
        _ weights: AttentionWeights, head: AttentionHead, _ configuration: ModelConfiguration,
        _ rotation: Rotation?
    ) {
        query = weights.query
        key = weights.key
        value = weights.value
        output = weights.output
        self.head = head
        headCount = configuration.nHeads
        keyValueHeadCount = configuration.nKeyValueHeads
        self.rotation = rotation
    }

    /// d_head.
    package var dHead: Int { head.width }

    /// The projection to a head's queries.
    package func queries(ofHead head: Int) -> HeadProjection {
        HeadProjection(weights: query.outputs(columns(ofHead: head)), rotation: rotation)
    }

    /// The projection to the keys number `number` of `count`.
    /// - Parameter count: how many keys a layer has: those of the model, or one for every query
    ///   head, although some of these have the same weights.
    package func keys(_ number: Int, of count: Int) -> HeadProjection {
        HeadProjection(
            weights: key.outputs(columnsOfKeys(number, of: count)), rotation: rotation)
    }

    /// The projection to the values number `number` of `count`, counted as `keys` are.
    package func values(_ number: Int, of count: Int) -> HeadProjection {
        HeadProjection(weights: value.outputs(columnsOfKeys(number, of: count)), rotation: nil)
    }

    /// The part of the output projection that a head's z goes through: d_head to d_model.
    package func outputWeight(ofHead head: Int) -> Weight {
        output.weight.inputs(columns(ofHead: head))
    }

    /// Writes what a head adds to the residual stream (before the norm after attention, if there is
    /// one), from z of all heads.
    /// - Parameters:
    ///   - z: `[rows, head * d_head]`, without gaps.
    ///   - result: `[rows, d_model]`, rows `stride` apart.
    package func applyOutput(
        ofHead head: Int, _ z: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>,
        stride: Int, rows: Int
    ) {
        outputWeight(ofHead: head).apply(
            z + head * dHead, stride: headCount * dHead, to: result, stride: stride, rows: rows)
    }

    /// Which of `count` keys and values a query head reads. Neighbouring heads share them.
    package func keyNumber(ofHead head: Int, of count: Int) -> Int {
        Self.number(head, of: headCount, among: count)
    }

    /// Which of `groups` neighbours, one of `count`, belongs to.
    private static func number(_ index: Int, of count: Int, among groups: Int) -> Int {
        index * groups / count
    }

    /// Where a head's values lie in a row of queries or z.
    package func columns(ofHead head: Int) -> Range<Int> { head * dHead..<(head + 1) * dHead }

    /// Where the keys or values that a head reads lie in a row of the model's.
    package func keyColumns(ofHead head: Int) -> Range<Int> {
        columns(ofHead: keyNumber(ofHead: head, of: keyValueHeadCount))
    }

    private func columnsOfKeys(_ number: Int, of count: Int) -> Range<Int> {
        columns(ofHead: Self.number(number, of: count, among: keyValueHeadCount))
    }
}
