import CKernels
import Models

/// A matrix product of the engine's own kernel, whose columns and rows can be computed apart from each
/// other: each number is the same chain of multiply-adds whatever is computed with it, so the result
/// is the same to the bit however it is cut.
struct PanelProduct {
    let a: UnsafePointer<Float>
    let aStride: Int
    let b: UnsafeRawPointer
    let format: NumberFormat
    let bStride: Int
    let transposeB: Bool
    let c: UnsafeMutablePointer<Float>
    let cStride: Int
    let rows: Int
    let columns: Int
    let inner: Int
    let scale: Float
    let keep: Float

    /// Columns that a thread takes at least: two panels.
    private static let leastColumns = 64
    /// Operations that a thread takes at least: some 10 microseconds.
    private static let leastOperations = 2e6

    /// How many threads could share the product.
    static func ways(columns: Int, operations: Double) -> Int {
        max(1, min(columns / leastColumns, Int(operations / leastOperations)))
    }

    private var operations: Double { 2 * Double(rows) * Double(columns) * Double(inner) }

    /// Computes the product, together with threads that have nothing else to do, if there are any.
    @inline(__always)
    func compute() {
        let ways = Self.ways(columns: columns, operations: operations)
        BLAS.count(operations, ways: ways)
        guard ways > 1, let team = ProductTeam.ofThisThread, team.size > 1 else {
            return compute(0..<columns)
        }
        // More blocks than threads, so that one that comes late leaves some to others.
        team.compute(self, blocks: min(ways, 2 * team.size))
    }

    /// Computes one of `count` blocks of columns, which are whole panels.
    func compute(block: Int, of count: Int) {
        let panels = (columns + 31) / 32
        let first = panels * block / count * 32
        compute(first..<min(columns, panels * (block + 1) / count * 32))
    }

    private func compute(_ range: Range<Int>) {
        let bytes = format.bytes
        ckernels_product(
            a, aStride, b + range.lowerBound * (transposeB ? bStride : 1) * bytes, format.rawValue,
            bStride,
            transposeB ? 1 : 0, c + range.lowerBound, cStride, rows, range.count, inner, scale, keep
        )
    }
}
