import Engine

/// The first principal component of some rows.
package struct FirstComponent {
    /// Its direction, of length 1; nil where the rows are all the same.
    package let direction: [Float]?
    /// The share of the rows' variance that it has.
    package let explained: Float
    /// Whether the iteration that finds it came to its end. It doesn't where the first two components have
    /// nearly the same variance; then the direction is a mixture of them.
    package let isConverged: Bool

    /// The component of rows `[row, width]`, centred at their mean; its sign is the one that most rows
    /// have (before centring), or else their sum.
    package init(_ rows: [Float], width: Int) {
        let count = rows.count / max(1, width)
        var centred = rows
        for column in 0..<width {
            var sum = 0.0
            for row in 0..<count { sum += Double(rows[row * width + column]) }
            let mean = Float(sum / Double(max(1, count)))
            for row in 0..<count { centred[row * width + column] -= mean }
        }
        let products = Self.products(centred, count: count, width: width)
        let variance = (0..<count).reduce(0) { $0 + products[$1 * count + $1] }
        guard variance > 0, let (weights, value, isConverged) = Self.largest(products, count: count)
        else {
            (direction, explained, isConverged) = (nil, .nan, true)
            return
        }
        self.isConverged = isConverged
        var sums = [Double](repeating: 0, count: width)
        for row in 0..<count {
            for column in 0..<width {
                sums[column] += weights[row] * Double(centred[row * width + column])
            }
        }
        let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let projections = (0..<count).map { row in
            (0..<width).reduce(0) { $0 + sums[$1] * Double(rows[row * width + $1]) }
        }
        let (above, below) = (projections.count { $0 > 0 }, projections.count { $0 < 0 })
        let isTurned = above == below ? projections.reduce(0, +) < 0 : below > above
        direction = sums.map { Float((isTurned ? -$0 : $0) / length) }
        explained = Float(min(1, value / variance))
    }

    /// The products of all pairs of rows, `[row, row]`.
    private static func products(_ rows: [Float], count: Int, width: Int) -> [Double] {
        let result = FloatBuffer(count: count * count)
        rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            BLAS.multiply(
                rows, stride: width, rows, stride: width, into: result.values, stride: count,
                rows: count, columns: count, inner: width, transposeB: true)
        }
        return result.array.map(Double.init)
    }

    /// The eigenvector of the largest eigenvalue of a symmetric matrix without negative ones, by power
    /// iteration.
    private static func largest(
        _ matrix: [Double], count: Int
    ) -> (vector: [Double], value: Double, isConverged: Bool)? {
        // It begins near the longest row, with a part in every direction.
        let longest = (0..<count).max { matrix[$0 * count + $0] < matrix[$1 * count + $1] } ?? 0
        var vector = [Double](repeating: 0, count: count)
        for row in 0..<count {
            vector[row] = matrix[row * count + longest] * (1 + 1e-3 * Double(row) / Double(count))
        }
        var next = vector
        var value = 0.0
        for _ in 0..<mostSteps {
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0, length.isFinite else { return nil }
            for row in 0..<count { vector[row] /= length }
            value = 0
            matrix.withUnsafeBufferPointer { matrix in
                for row in 0..<count {
                    var sum = 0.0
                    for column in 0..<count { sum += matrix[row * count + column] * vector[column] }
                    next[row] = sum
                    value += sum * vector[row]
                }
            }
            var rest = 0.0
            for row in 0..<count {
                let difference = next[row] - value * vector[row]
                rest += difference * difference
            }
            swap(&vector, &next)
            if rest.squareRoot() <= 1e-9 * value { return (vector, value, true) }
        }
        return (vector, value, false)
    }

    /// Where the first two components have nearly the same variance, any mixture of them is about as good.
    static let mostSteps = 5000
}
