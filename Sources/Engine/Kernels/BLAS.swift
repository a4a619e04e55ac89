package import Basics
import CKernels
import COpenBLAS

/// Matrix products, one thread each: the engine spreads work over cores itself, since OpenBLAS's
/// results change with its number of threads.
///
/// OpenBLAS computes small ones and those of many rows; between them the engine has a faster one of
/// its own on some processors; see `product.c`.
package enum BLAS {
    /// Loads OpenBLAS with the fastest kernels it has for this processor.
    /// - Throws: `Failure` when the library isn't installed.
    package static func load() throws(Failure) {
        if let failure = copenblas_load() { throw Failure(.io, String(cString: failure)) }
    }

    /// The library and its version, `OpenBLAS 0.3.21`; only `OpenBLAS` where it doesn't say.
    package static var version: String {
        let words = String(cString: copenblas_configuration()).split(separator: " ")
        return words.count > 1 ? words[0...1].joined(separator: " ") : "OpenBLAS"
    }

    /// The kernels in use, such as `SkylakeX` or `SkylakeX + AVX-512 panels`; empty before `load`.
    package static var kernel: String {
        let kernel = String(cString: copenblas_kernel())
        return kernel.isEmpty || !hasOwnProduct ? kernel : kernel + " + AVX-512 panels"
    }

    /// Whether the engine's own product can be used.
    private static let hasOwnProduct = ckernels_product_available() != 0
    /// Up to how many multiply-adds OpenBLAS's kernels that pack nothing are faster; where b is
    /// transposed, only up to so many results.
    private static let (mostSmall, mostSmallTransposed) = (1_000_000, 1_200)
    /// Up to how many rows the engine's own product is faster: with more, what OpenBLAS spends on
    /// packing is small, too. Work that can be cut into any number of rows is cut into so many.
    package static let mostOwnRows = 512

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
        let isSmall =
            rows * columns * inner <= mostSmall
            && (!transposeB || rows * columns <= mostSmallTransposed)
        if hasOwnProduct, !isSmall, rows <= mostOwnRows, columns >= 32, inner >= 32, !transposeA {
            ckernels_product(
                a, aStride, b, bStride, transposeB ? 1 : 0, c, cStride, rows, columns, inner, scale,
                keep)
            return
        }
        copenblas_sgemm(
            transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(rows), Int32(columns), Int32(inner),
            scale, a, Int32(aStride), b, Int32(bStride), keep, c, Int32(cStride))
    }
}
