import Engine
import Testing

/// Arithmetic on rows against sums written out.
@Suite("Arithmetic on rows")
struct FloatPointerTests {
    private let count = 37

    /// Three rows of numbers.
    private func rows() -> (x: FloatBuffer, y: FloatBuffer, z: FloatBuffer) {
        var random = RandomValues(seed: 2)
        return (random.buffer(count), random.buffer(count), random.buffer(count))
    }

    private func check(
        _ y: FloatBuffer, _ expected: (Int) -> Float,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for i in 0..<y.count {
            #expect(abs(y.values[i] - expected(i)) < 1e-6, sourceLocation: sourceLocation)
        }
    }

    @Test("Sums, differences and products are taken value by value")
    func valueByValue() {
        let (x, before, z) = rows()
        let (a, b, c) = (x.values, before.values, z.values)
        func changed(_ body: (UnsafeMutablePointer<Float>) -> Void) -> FloatBuffer {
            let y = FloatBuffer(before.array)
            body(y.values)
            return y
        }
        check(changed { $0.add(a, count: count) }) { b[$0] + a[$0] }
        check(changed { $0.add(a, times: 3, count: count) }) { b[$0] + 3 * a[$0] }
        check(changed { $0.subtract(a, count: count) }) { b[$0] - a[$0] }
        check(changed { $0.update(from: a, minus: c, count: count) }) { a[$0] - c[$0] }
        check(changed { $0.scale(by: -2, count: count) }) { -2 * b[$0] }
        check(changed { $0.multiply(by: a, count: count) }) { b[$0] * a[$0] }
        check(changed { $0.addProducts(of: a, c, times: 2, count: count) }) {
            b[$0] + 2 * a[$0] * c[$0]
        }
        check(FloatBuffer(x, minus: z)) { a[$0] - c[$0] }
    }

    @Test("A vector is added to each row, and each row is scaled by its own factor")
    func rowByRow() {
        let (x, y, z) = rows()
        let before = y.array
        y.values.addToRows(x.values, rows: 3, columns: 5, stride: 7)
        check(y) { i in before[i] + (i < 19 && i % 7 < 5 ? x.values[i % 7] : 0) }
        let added = y.array
        y.values.scaleRows(by: z.values, rows: 4, columns: 6)
        check(y) { i in added[i] * (i < 24 ? z.values[i / 6] : 1) }
    }

    @Test("A mixture is a matrix product, also where weights are 0")
    func mixture() {
        var random = RandomValues(seed: 4)
        let (rows, columns, inner) = (3, 700, 6)
        let weights = random.buffer(rows * inner)
        for i in 0..<4 { weights.values[i] = 0 }
        let x = random.buffer(inner * columns)
        let y = random.buffer(rows * (columns + 1))
        let before = y.array
        y.values.addMixture(
            weights.values, stride: inner, of: x.values, stride: columns, rows: rows,
            columns: columns, inner: inner, rowStride: columns + 1)
        check(y) { i in
            let (row, column) = i.quotientAndRemainder(dividingBy: columns + 1)
            guard column < columns else { return before[i] }
            return (0..<inner).reduce(before[i]) {
                $0 + weights.values[row * inner + $1] * x.values[$1 * columns + column]
            }
        }
    }

    @Test("Dot products, sums, distances and counts equal those written out")
    func reductions() {
        let (x, y, _) = rows()
        let (a, b) = (x.array, y.array)
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot(x.values, y.values, count: count) - product) < 1e-5)
        let magnitudes = a.reduce(0) { $0 + abs($1) }
        #expect(abs(sumOfMagnitudes(x.values, count: count) - magnitudes) < 1e-5)
        let squares = zip(a, b).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        #expect(abs(squaredDistance(x.values, y.values, count: count) - squares) < 1e-5)
        #expect(countGreater(x.values, than: 0.1, count: count) == a.count { $0 > 0.1 })
    }

    @Test("Probabilities of logits add up to 1, and a distribution doesn't diverge from itself")
    func probabilities() {
        let (x, y, _) = rows()
        for row in [x, y] {
            row.values.updateWithProbabilities(
                ofLogits: row.values, normalizer: logSumExp(row.values, count: count), count: count)
            #expect(abs(row.array.reduce(0, +) - 1) < 1e-5)
        }
        #expect(abs(jensenShannonDivergence(x.values, x.values, count: count)) < 1e-6)
        #expect(jensenShannonDivergence(x.values, y.values, count: count) > 1e-3)
    }
}
