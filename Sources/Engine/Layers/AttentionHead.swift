import CKernels

/// The attention of one head over one prompt: pattern from queries and keys, output from pattern
/// and values.
package struct AttentionHead: Sendable {
    /// d_head.
    package let width: Int
    /// What the scores q kᵀ are multiplied with, usually 1 / sqrt(d_head).
    package let scale: Float
    /// How far back a position sees, its own included; 0 is all the way.
    package let window: Int
    /// Gemma 2's cap of the scores; 0 is none.
    package let softCap: Float

    /// Computes `z = softmax(q kᵀ) v`.
    /// - Parameters:
    ///   - q: `[queries, d_head]`; k, v: `[keys, d_head]`; z: `[queries, d_head]`; each with its
    ///     own distance between rows.
    ///   - visible: how many keys each query may see, counted from the first; query `i` sees
    ///     `visible[i % period]`, so that many variants of a prompt can be stacked.
    ///   - pattern: receives the attention pattern `[queries, keys]`.
    @inline(__always)
    package func attend(
        _ q: UnsafePointer<Float>, stride qStride: Int, queries: Int,
        keys k: UnsafePointer<Float>, stride kStride: Int,
        values v: UnsafePointer<Float>, stride vStride: Int, count keys: Int,
        visible: UnsafePointer<Int32>, period: Int, pattern: UnsafeMutablePointer<Float>,
        to z: UnsafeMutablePointer<Float>, stride zStride: Int
    ) {
        score(
            q, stride: qStride, queries: queries, keys: k, stride: kStride, count: keys,
            visible: visible, period: period, pattern: pattern)
        BLAS.multiply(
            pattern, stride: keys, v, stride: vStride, into: z, stride: zStride, rows: queries,
            columns: width, inner: keys)
    }

    /// Computes the attention scores `[queries, keys]` of one prompt: scaled, soft-capped, and
    /// -infinity for keys that a query doesn't see.
    func maskedScores(
        _ q: UnsafePointer<Float>, stride qStride: Int, queries: Int,
        keys k: UnsafePointer<Float>, stride kStride: Int, count keys: Int,
        visible: UnsafePointer<Int32>, scores: UnsafeMutablePointer<Float>
    ) {
        BLAS.multiply(
            q, stride: qStride, k, stride: kStride, into: scores, stride: keys, rows: queries,
            columns: keys, inner: width, transposeB: true)
        ckernels_attention_scores(scores, queries, keys, visible, Int32(window), scale, softCap)
    }

    /// Computes the attention pattern `[queries, keys]` alone.
    @inline(__always)
    package func score(
        _ q: UnsafePointer<Float>, stride qStride: Int, queries: Int,
        keys k: UnsafePointer<Float>, stride kStride: Int, count keys: Int,
        visible: UnsafePointer<Int32>, period: Int, pattern: UnsafeMutablePointer<Float>
    ) {
        BLAS.multiply(
            q, stride: qStride, k, stride: kStride, into: pattern, stride: keys, rows: queries,
            columns: keys, inner: width, transposeB: true)
        ckernels_attention_softmax(
            pattern, queries, keys, keys, visible, period, Int32(window), scale, softCap)
    }
}
