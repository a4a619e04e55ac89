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
    /// Of queries, where the model has one.
    let queryNorm: HeadNorm?
    /// Of keys, where the model has one.
    let keyNorm: HeadNorm?
    /// Of queries and keys, where the layer rotates.
    private let rotation: Rotation?

    init(
        _ weights: AttentionWeights, head: AttentionHead, _ configuration: ModelConfiguration,
        _ rotation: Rotation?
    ) {
        queryNorm = weights.queryNorm.map { HeadNorm($0, of: weights.query, configuration) }
        keyNorm = weights.keyNorm.map { HeadNorm($0, of: weights.key, configuration) }
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
        HeadProjection(
            weights: query.outputs(columns(ofHead: head)), number: head, norm: queryNorm,
            rotation: rotation)
    }

    /// The projection to the keys number `number` of `count`.
    /// - Parameter count: how many keys a layer has: those of the model, or one for every query
    ///   head, although some of these have the same weights.
    package func keys(_ number: Int, of count: Int) -> HeadProjection {
        let own = modelNumber(number, of: count)
        return HeadProjection(
            weights: key.outputs(columns(ofHead: own)), number: own, norm: keyNorm,
            rotation: rotation)
    }

    /// The projection to the values number `number` of `count`, counted as `keys` are.
    package func values(_ number: Int, of count: Int) -> HeadProjection {
        let own = modelNumber(number, of: count)
        return HeadProjection(
            weights: value.outputs(columns(ofHead: own)), number: own, norm: nil, rotation: nil)
    }

    /// Normalises and rotates the queries of all heads, `[rows, head * d_head]`, in place, as the
    /// model does it: all come from one input.
    /// - Parameter positions: of each row.
    package func prepareQueries(
        _ queries: UnsafeMutablePointer<Float>, rows: Int, positions: UnsafePointer<Int32>
    ) {
        queryNorm?.apply(queries, rows: rows, width: headCount * dHead)
        rotate(queries, heads: headCount, rows: rows, positions: positions)
    }

    /// The same of the model's keys, `[rows, kv_head * d_head]`.
    package func prepareKeys(
        _ keys: UnsafeMutablePointer<Float>, rows: Int, positions: UnsafePointer<Int32>
    ) {
        keyNorm?.apply(keys, rows: rows, width: keyValueHeadCount * dHead)
        rotate(keys, heads: keyValueHeadCount, rows: rows, positions: positions)
    }

    /// Rotates vectors of `heads` heads, `[rows, head * d_head]`, in place, where the layer does that.
    /// - Parameter transposed: the way back of a gradient.
    func rotate(
        _ vectors: UnsafeMutablePointer<Float>, heads: Int, rows: Int,
        positions: UnsafePointer<Int32>, transposed: Bool = false
    ) {
        rotation?.apply(
            to: vectors, rows: rows, stride: heads * dHead, heads: heads, headWidth: dHead,
            positions: positions, period: rows, transposed: transposed)
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

    /// Which of the model's keys and values number `number` of `count` are.
    func modelNumber(_ number: Int, of count: Int) -> Int {
        Self.number(number, of: count, among: keyValueHeadCount)
    }
}
