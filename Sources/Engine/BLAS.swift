internal import COpenBLAS

/// Matrix products by OpenBLAS, one thread each: the engine spreads work over cores itself, since
/// OpenBLAS's results change with its number of threads.
public enum BLAS {
    /// Loads OpenBLAS with the fastest kernels it has for this processor.
    /// - Throws: `EngineError` when the library isn't installed.
    public static func load() throws(EngineError) {
        if let failure = copenblas_load() { throw EngineError(.io, String(cString: failure)) }
    }

    /// The kernel set in use, such as `SkylakeX`; empty before `load`.
    public static var kernel: String { String(cString: copenblas_kernel()) }

    /// `c = scale * op(a) op(b) + keep * c`, row-major; c is `[rows, columns]`, and `inner` the
    /// shared dimension.
    @inline(__always)
    package static func multiply(
        _ a: UnsafePointer<Float>, stride aStride: Int,
        _ b: UnsafePointer<Float>, stride bStride: Int,
        into c: UnsafeMutablePointer<Float>, stride cStride: Int,
        rows: Int, columns: Int, inner: Int, transposeA: Bool = false, transposeB: Bool = false,
        scale: Float = 1, keep: Float = 0
    ) {
        if rows == 0 || columns == 0 { return }
        copenblas_sgemm(
            transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(rows), Int32(columns), Int32(inner),
            scale, a, Int32(aStride), b, Int32(bStride), keep, c, Int32(cStride))
    }
}
