import CKernels

// Arithmetic on rows of float32 that lie one after the other in memory, as `update(from:count:)` and
// `update(repeating:count:)` of the standard library treat them.

extension UnsafeMutablePointer where Pointee == Float {
    /// Adds x: y += x.
    package func add(_ x: UnsafePointer<Float>, count: Int) { ckernels_add(self, x, count) }

    /// Adds a multiple of x: y += factor x.
    package func add(_ x: UnsafePointer<Float>, times factor: Float, count: Int) {
        ckernels_add_scaled(self, x, factor, count)
    }

    /// Adds a multiple of the products of x and z, value by value: y += factor x z.
    package func addProducts(
        of x: UnsafePointer<Float>, _ z: UnsafePointer<Float>, times factor: Float, count: Int
    ) {
        ckernels_add_products(self, x, z, factor, count)
    }

    /// Subtracts x: y -= x.
    package func subtract(_ x: UnsafePointer<Float>, count: Int) {
        ckernels_subtract(self, x, count)
    }

    /// Becomes a difference: y = x - z.
    package func update(from x: UnsafePointer<Float>, minus z: UnsafePointer<Float>, count: Int) {
        ckernels_difference(self, x, z, count)
    }

    /// Multiplies with a factor: y *= factor.
    package func scale(by factor: Float, count: Int) { ckernels_scale(self, factor, count) }

    /// Multiplies with x, value by value: y *= x.
    package func multiply(by x: UnsafePointer<Float>, count: Int) {
        ckernels_multiply(self, x, count)
    }

    /// Multiplies each row, `[rows, columns]`, with its factor.
    package func scaleRows(by factors: UnsafePointer<Float>, rows: Int, columns: Int) {
        ckernels_scale_rows(self, factors, rows, columns)
    }

    /// Adds x, `[columns]`, to each of `rows` rows that lie `stride` apart.
    package func addToRows(_ x: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int) {
        ckernels_add_bias(self, x, rows, columns, stride)
    }

    /// Adds mixtures of x: y += weights x, a matrix product for a few rows of y and many columns.
    ///
    /// It reads x once, in place, and skips weights that are 0, where `BLAS.multiply` would copy x
    /// into blocks first, which costs more than so few rows are worth.
    /// - Parameters:
    ///   - weights: `[rows, inner]`, rows `weightStride` apart.
    ///   - x: `[inner, columns]`, rows `xStride` apart.
    ///   - rowStride: how far the rows of y, `[rows, columns]`, lie apart.
    package func addMixture(
        _ weights: UnsafePointer<Float>, stride weightStride: Int, of x: UnsafePointer<Float>,
        stride xStride: Int, rows: Int, columns: Int, inner: Int, rowStride: Int
    ) {
        BLAS.count(rows, columns, inner)
        ckernels_add_mixture(
            self, rowStride, weights, weightStride, x, xStride, rows, columns, inner)
    }
}

/// The sum of the products of x and y.
package func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Float {
    ckernels_dot(x, y, count)
}

/// Adds the products of x, `[count]`, with each of some rows of y, `stride` apart, to `sums`, which lie
/// `sumStride` apart.
package func addDots(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, stride: Int, rows: Int, count: Int,
    to sums: UnsafeMutablePointer<Float>, sumStride: Int
) {
    ckernels_add_dots(sums, sumStride, x, y, stride, rows, count)
}

/// The sum of the absolute values of x, |x|₁.
package func sumOfMagnitudes(_ x: UnsafePointer<Float>, count: Int) -> Float {
    ckernels_sum_of_magnitudes(x, count)
}

/// The sum of the squares of x - y, in double precision.
package func squaredDistance(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
) -> Double {
    ckernels_squared_distance(x, y, count)
}

/// The index of the first value of x that is infinite or not a number; `count` if there is none.
package func firstNonFinite(_ x: UnsafePointer<Float>, count: Int) -> Int {
    ct_first_nonfinite(x, count)
}

/// How many values of x are greater than `bound`.
package func countGreater(
    _ x: UnsafePointer<Float>, than bound: Float, count: Int
) -> Int {
    ckernels_count_greater(x, bound, count)
}
