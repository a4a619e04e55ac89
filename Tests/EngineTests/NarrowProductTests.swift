import CKernels
import Engine
import Glibc
import Models
import Testing

/// Products with weights of 16 bits, against those with the same numbers in float32: equal to the bit,
/// whichever kernel takes them.
@Suite("Products with weights of 16 bits")
struct NarrowProductTests {
    init() throws { try BLAS.load() }

    /// Random numbers of 16 bits, at the end of their memory: the page after it can't be read.
    private final class NarrowValues {
        let narrow: StoredValues
        let wide: FloatBuffer
        private let memory: UnsafeMutableRawPointer
        private let size: Int

        init(_ count: Int, _ format: NumberFormat, _ random: inout RandomValues) {
            let page = Int(getpagesize())
            size = (count * 2 + page - 1) / page * page
            memory = mmap(
                nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            mprotect(memory + size, page, PROT_NONE)
            let start = memory + size - count * 2
            let values = start.bindMemory(to: UInt16.self, capacity: count)
            wide = FloatBuffer(count: count)
            for index in 0..<count {
                // Small ones too: below 2^-14 float16 is subnormal.
                let value = random.next() * (index.isMultiple(of: 7) ? 0x1p-16 : 1)
                if format == .float16 {
                    let half = Float16(value)
                    values[index] = half.bitPattern
                    wide.values[index] = Float(half)
                } else {
                    let cut = value.bitPattern >> 16
                    values[index] = UInt16(cut)
                    wide.values[index] = Float(bitPattern: cut << 16)
                }
            }
            narrow = StoredValues(start, format)
        }

        deinit { munmap(memory, size + Int(getpagesize())) }
    }

    /// Compares the products of both with a weight's values, forwards and backwards.
    private func compare(
        _ values: NarrowValues, inputs: Int, outputs: Int, stride: Int, rows: Int,
        _ layout: Weight.Layout, _ random: inout RandomValues
    ) {
        let weights = [values.narrow, StoredValues(values.wide.values, .float32)].map {
            Weight(values: $0, inputs: inputs, outputs: outputs, stride: stride, layout: layout)
        }
        let (x, y) = (random.buffer(rows * inputs), random.buffer(rows * outputs))
        let results = weights.map { weight in
            let (forwards, backwards) = (FloatBuffer(y.array), FloatBuffer(x.array))
            weight.apply(
                x.values, stride: inputs, to: forwards.values, stride: outputs, rows: rows,
                scale: 1.5, keep: 0.5)
            weight.applyTransposed(
                y.values, stride: outputs, to: backwards.values, stride: inputs, rows: rows,
                keep: 1)
            return forwards.array + backwards.array
        }
        #expect(results[0] == results[1], "\(rows) x \(inputs) x \(outputs) \(layout)")
    }

    @Test(
        "Products of any size, in both layouts",
        arguments: [NumberFormat.float16, .bfloat16], [Weight.Layout.outputMajor, .inputMajor])
    func shapes(format: NumberFormat, layout: Weight.Layout) {
        var random = RandomValues(seed: 11)
        for inputs in [1, 16, 33, 64, 513] {
            for outputs in [1, 15, 32, 47, 129, 300] {
                let (rows, columns) = layout == .outputMajor ? (outputs, inputs) : (inputs, outputs)
                for gap in [0, 3] {
                    let stride = columns + gap
                    let values = NarrowValues((rows - 1) * stride + columns, format, &random)
                    for rows in [1, 2, 13, 29, 60] {
                        compare(
                            values, inputs: inputs, outputs: outputs, stride: stride, rows: rows,
                            layout, &random)
                    }
                }
            }
        }
    }

    /// Products of so many rows go to OpenBLAS, which needs the weights in float32: they are widened a
    /// block of columns at a time.
    @Test(
        "Products that are widened block by block",
        arguments: [(inputs: 33, outputs: 17_001), (64, 8321), (1025, 700)],
        [Weight.Layout.outputMajor, .inputMajor])
    func blocks(shape: (inputs: Int, outputs: Int), layout: Weight.Layout) {
        var random = RandomValues(seed: 12)
        let values = NarrowValues(shape.inputs * shape.outputs, .bfloat16, &random)
        for rows in [BLAS.mostOwnRows + 1, BLAS.mostOwnRows + 88] {
            compare(
                values, inputs: shape.inputs, outputs: shape.outputs,
                stride: layout == .outputMajor ? shape.inputs : shape.outputs, rows: rows, layout,
                &random)
        }
    }

    @Test("Single columns and rows", arguments: [NumberFormat.float16, .bfloat16])
    func columns(format: NumberFormat) {
        var random = RandomValues(seed: 13)
        let values = NarrowValues(40 * 30, format, &random)
        for layout in [Weight.Layout.outputMajor, .inputMajor] {
            let sums = [values.narrow, StoredValues(values.wide.values, .float32)].map { stored in
                let weight = Weight(values: stored, inputs: 40, outputs: 30, layout: layout)
                let (y, row) = (FloatBuffer(zeros: 40), FloatBuffer(zeros: 30))
                weight.addColumn(7, scaledBy: 0.3, to: y.values)
                weight.addColumn(29, scaledBy: -2, to: y.values)
                weight.copy(input: 11, to: row.values)
                #expect(row.array == (0..<30).map { weight[11, $0] })
                return y.array + row.array
            }
            #expect(sums[0] == sums[1])
        }
    }
}
