import CKernels
import Engine
import Glibc
import Testing

/// The engine's own matrix product, of every size, also those that it leaves to OpenBLAS.
@Suite(
    "The engine's matrix product",
    .enabled(if: ckernels_product_available() != 0, "This processor has no AVX-512"))
struct PanelProductTests {
    /// A matrix whose rows lie further apart than they are long, up to the end of its memory: the
    /// page after it can't be read.
    private final class GuardedMatrix {
        let values: UnsafeMutablePointer<Float>
        let stride: Int
        private let memory: UnsafeMutableRawPointer
        private let size: Int

        init(rows: Int, columns: Int, gap: Int, _ random: inout RandomValues) {
            stride = columns + gap
            let count = (rows - 1) * stride + columns
            let page = Int(getpagesize())
            size = (count * 4 + page - 1) / page * page
            memory = mmap(
                nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            mprotect(memory + size, page, PROT_NONE)
            values = (memory + size - count * 4).bindMemory(to: Float.self, capacity: count)
            for index in 0..<count { values[index] = random.next() }
        }

        deinit { munmap(memory, size + Int(getpagesize())) }
    }

    @Test(
        "Products are scaled and added up, and only memory of the matrices is used",
        arguments: [1, 2, 13, 14, 15, 29, 64], [false, true])
    func sums(rows: Int, transposed: Bool) {
        var random = RandomValues(seed: UInt64(rows))
        // A group has 128 columns and 512 steps.
        for columns in [1, 15, 16, 17, 32, 47, 127, 128, 129, 300] {
            for inner in [1, 5, 16, 33, 64, 512, 513, 1030] {
                let a = GuardedMatrix(rows: rows, columns: inner, gap: 3, &random)
                let b = GuardedMatrix(
                    rows: transposed ? columns : inner, columns: transposed ? inner : columns,
                    gap: 5, &random)
                let c = GuardedMatrix(rows: rows, columns: columns, gap: 2, &random)
                let count = (rows - 1) * c.stride + columns
                let before = Array(UnsafeBufferPointer(start: c.values, count: count))
                ckernels_product(
                    a.values, a.stride, b.values, Int32(CT_F32.rawValue), b.stride,
                    transposed ? 1 : 0, c.values, c.stride, rows, columns, inner, -1.5, 0.5)
                var largest: Float = 0
                for index in 0..<count {
                    let (row, column) = (index / c.stride, index % c.stride)
                    guard column < columns else {
                        #expect(c.values[index] == before[index])
                        continue
                    }
                    var sum: Float = 0
                    for step in 0..<inner {
                        let (i, j) = transposed ? (column, step) : (step, column)
                        sum += a.values[row * a.stride + step] * b.values[i * b.stride + j]
                    }
                    let expected = -1.5 * sum + 0.5 * before[index]
                    largest = max(largest, abs(c.values[index] - expected))
                }
                #expect(largest < 1e-4, "\(columns) columns, \(inner) steps")
            }
        }
    }

    @Test("Where the result's factor is 0 its old values aren't read, even if they are NaN")
    func zeroFactor() {
        var random = RandomValues(seed: 2)
        let (a, b) = (random.buffer(20 * 40), random.buffer(40 * 50))
        let c = FloatBuffer([Float](repeating: .nan, count: 20 * 50))
        ckernels_product(
            a.values, 40, b.values, Int32(CT_F32.rawValue), 50, 0, c.values, 50, 20, 50, 40, 1, 0)
        #expect(c.array.allSatisfy { !$0.isNaN })
    }

    @Test("A row's result doesn't depend on the other rows")
    func rows() {
        var random = RandomValues(seed: 5)
        let (columns, inner) = (150, 600)
        let (a, b) = (random.buffer(125 * inner), random.buffer(inner * columns))
        let (all, some) = (FloatBuffer(count: 125 * columns), FloatBuffer(count: 25 * columns))
        func multiply(_ first: Int, _ rows: Int, to c: FloatBuffer) {
            ckernels_product(
                a.values + first * inner, inner, b.values, Int32(CT_F32.rawValue), inner, 1,
                c.values,
                columns, rows, columns, inner, 1, 0)
        }
        multiply(0, 125, to: all)
        for count in [1, 3, 14, 25] {
            multiply(50, count, to: some)
            #expect(
                some.array[..<(count * columns)]
                    == all.array[50 * columns..<(50 + count) * columns])
        }
    }
}
