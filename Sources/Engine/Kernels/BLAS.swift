package import Basics
import CKernels
import COpenBLAS
package import Models

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

    /// How many weights of 16 bits are widened at a time for OpenBLAS: a block of them stays in the
    /// core's own cache until it is packed.
    private static let widenedValues = 1 << 18

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
        if !transposeA, usesOwnProduct(rows, columns, inner, transposeB) {
            PanelProduct(
                a: a, aStride: aStride, b: b, format: .float32, bStride: bStride,
                transposeB: transposeB, c: c, cStride: cStride, rows: rows, columns: columns,
                inner: inner, scale: scale, keep: keep
            ).compute()
            return
        }
        count(rows, columns, inner)
        copenblas_sgemm(
            transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(rows), Int32(columns), Int32(inner),
            scale, a, Int32(aStride), b, Int32(bStride), keep, c, Int32(cStride))
    }

    /// The same with weights in any format: of the same numbers the result is the same, to the bit.
    package static func multiply(
        _ a: UnsafePointer<Float>, stride aStride: Int, weights b: StoredValues,
        stride bStride: Int, into c: UnsafeMutablePointer<Float>, stride cStride: Int, rows: Int,
        columns: Int, inner: Int, transposeB: Bool, scale: Float = 1, keep: Float = 0
    ) {
        if rows == 0 || columns == 0 { return }
        if usesOwnProduct(rows, columns, inner, transposeB) {
            PanelProduct(
                a: a, aStride: aStride, b: b.address, format: b.format, bStride: bStride,
                transposeB: transposeB, c: c, cStride: cStride, rows: rows, columns: columns,
                inner: inner, scale: scale, keep: keep
            ).compute()
            return
        }
        count(rows, columns, inner)
        func multiply(
            _ first: Int, _ count: Int, _ values: UnsafePointer<Float>, stride: Int
        ) {
            copenblas_sgemm(
                0, transposeB ? 1 : 0, Int32(rows), Int32(count), Int32(inner), scale, a,
                Int32(aStride), values, Int32(stride), keep, c + first, Int32(cStride))
        }
        guard b.format != .float32 else {
            let values = b.address.assumingMemoryBound(to: Float.self)
            return multiply(0, columns, values, stride: bStride)
        }
        var first = 0
        let width = widenedColumns(rows: rows, inner: inner)
        while first < columns {
            // What is left over joins the last block, so that no block is a small product.
            let count = columns - first < 2 * width ? columns - first : width
            let values = b.advanced(by: first * (transposeB ? bStride : 1))
            let wide = ct_widened(
                b.format.rawValue, values.address, bStride, transposeB ? count : inner,
                transposeB ? inner : count)
            multiply(first, count, wide, stride: transposeB ? inner : count)
            first += count
        }
    }

    /// Notes a product's operations for `WorkMeter`.
    /// - Parameter ways: how many threads could share it.
    @inline(__always)
    static func count(_ operations: Double, ways: Int = 1) {
        ckernels_count_product(operations, Int32(truncatingIfNeeded: ways))
    }

    @inline(__always)
    static func count(_ rows: Int, _ columns: Int, _ inner: Int) {
        count(2 * Double(rows) * Double(columns) * Double(inner))
    }

    /// Whether the engine's own product computes one of this shape.
    @inline(__always)
    private static func usesOwnProduct(
        _ rows: Int, _ columns: Int, _ inner: Int, _ transposeB: Bool
    ) -> Bool {
        let isSmall =
            rows * columns * inner <= mostSmall
            && (!transposeB || rows * columns <= mostSmallTransposed)
        return hasOwnProduct && !isSmall && rows <= mostOwnRows && columns >= 32 && inner >= 32
    }

    /// Whether the engine's own product computes one of this shape, and any that is larger in some way and has
    /// no more than `mostOwnRows` rows.
    static func isOwn(rows: Int, columns: Int, inner: Int) -> Bool {
        usesOwnProduct(rows, columns, inner, false)
    }

    /// How many columns of weights are widened at a time: whole tiles of OpenBLAS's kernels, and so
    /// many that it computes them with the kernels that it takes for all of them, so that each result
    /// is the sum that it would be without blocks.
    private static func widenedColumns(rows: Int, inner: Int) -> Int {
        let tile = 64
        let values = max(widenedValues, mostSmall / rows + 1)
        return (values / max(inner, 1) + tile) / tile * tile
    }
}
