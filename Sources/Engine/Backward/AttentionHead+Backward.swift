import CKernels

extension AttentionHead {
    /// The gradients of queries, keys and values from that of z, for one prompt in the run that
    /// left this pattern.
    /// - Parameters:
    ///   - dz: `[position, d_head]`; `queryStride` apart like `q` and `dq`.
    ///   - pattern: the attention pattern `[position, position]`.
    ///   - keep: 1 adds to `dk` and `dv`, where heads share their keys and values; 0 replaces them.
    ///   - scratch: room for another pattern, and under a soft cap for one more.
    @inline(__always)
    func applyBackward(
        _ dz: UnsafePointer<Float>, queries q: UnsafePointer<Float>,
        dq: UnsafeMutablePointer<Float>, queryStride: Int,
        keys k: UnsafePointer<Float>, values v: UnsafePointer<Float>, keyStride: Int,
        dk: UnsafeMutablePointer<Float>, dv: UnsafeMutablePointer<Float>, gradientStride: Int,
        keep: Float, pattern: UnsafePointer<Float>, count: Int,
        scratch: UnsafeMutablePointer<Float>
    ) {
        BLAS.multiply(
            pattern, stride: count, dz, stride: queryStride, into: dv, stride: gradientStride,
            rows: count, columns: width, inner: count, transposeA: true, keep: keep)
        BLAS.multiply(
            dz, stride: queryStride, v, stride: keyStride, into: scratch, stride: count,
            rows: count, columns: count, inner: width, transposeB: true)
        ckernels_attention_softmax_backward(scratch, pattern, count, count, count, scale)
        if softCap > 0 {
            let scores = scratch + count * count
            BLAS.multiply(
                q, stride: queryStride, k, stride: keyStride, into: scores, stride: count,
                rows: count, columns: count, inner: width, transposeB: true)
            ckernels_soft_cap_backward(scratch, scores, scale / softCap, count * count)
        }
        BLAS.multiply(
            scratch, stride: count, k, stride: keyStride, into: dq, stride: queryStride,
            rows: count, columns: width, inner: count)
        BLAS.multiply(
            scratch, stride: count, q, stride: queryStride, into: dk, stride: gradientStride,
            rows: count, columns: width, inner: count, transposeA: true, keep: keep)
    }
}
