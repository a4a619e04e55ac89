import Engine
import Models
import Testing

/// Products with weights, by whichever kernel takes them, against sums written out.
@Suite("Products with weights")
struct WeightProductTests {
    init() throws { try BLAS.load() }

    @Test("Products of any size, in both layouts, equal sums written out")
    func shapes() {
        var random = RandomValues(seed: 3)
        for rows in [1, 2, 13, 24, 27, 43] {
            for inputs in [1, 5, 16, 33, 64] {
                for outputs in [1, 15, 16, 17, 32, 47, 64, 300] {
                    for layout in [Weight.Layout.outputMajor, .inputMajor] {
                        let weight = random.weight(inputs, outputs, layout)
                        let x = random.buffer(rows * inputs)
                        let y = random.buffer(rows * outputs)
                        let before = y.array
                        weight.view.apply(
                            x.values, stride: inputs, to: y.values, stride: outputs, rows: rows,
                            keep: 0.5)
                        var largest: Float = 0
                        for row in 0..<rows {
                            for output in 0..<outputs {
                                let sum = (0..<inputs).reduce(Float(0)) {
                                    $0 + x.values[row * inputs + $1] * weight.view[$1, output]
                                }
                                let index = row * outputs + output
                                largest = max(
                                    largest, abs(y.values[index] - sum - 0.5 * before[index]))
                            }
                        }
                        #expect(largest < 1e-5, "\(rows) x \(inputs) x \(outputs) \(layout)")
                    }
                }
            }
        }
    }

    @Test("Weights packed during the product, of more than one group, give the same sums")
    func unpackedWeights() {
        var random = RandomValues(seed: 6)
        let (rows, inputs, outputs) = (30, 1100, 161)
        let memory = random.buffer(inputs * outputs)
        let x = random.buffer(rows * inputs)
        for layout in [Weight.Layout.outputMajor, .inputMajor] {
            let weight = Weight(
                values: memory.values, inputs: inputs, outputs: outputs, layout: layout)
            let y = FloatBuffer(zeros: rows * outputs)
            weight.apply(x.values, stride: inputs, to: y.values, stride: outputs, rows: rows)
            let back = FloatBuffer(zeros: rows * inputs)
            weight.applyTransposed(
                y.values, stride: outputs, to: back.values, stride: inputs, rows: rows)
            for row in 0..<rows {
                for output in 0..<outputs {
                    let sum = (0..<inputs).reduce(Double(0)) {
                        $0 + Double(x.values[row * inputs + $1] * weight[$1, output])
                    }
                    #expect(abs(Double(y.values[row * outputs + output]) - sum) < 1e-4)
                }
                for input in 0..<inputs {
                    let sum = (0..<outputs).reduce(Double(0)) {
                        $0 + Double(y.values[row * outputs + $1] * weight[input, $1])
                    }
                    #expect(abs(Double(back.values[row * inputs + input]) - sum) < 1e-4)
                }
            }
        }
    }

    @Test("Products with slices of a weight add up to the product with the whole weight")
    func slices() {
        var random = RandomValues(seed: 4)
        let weight = random.weight(48, 96)
        let x = random.buffer(30 * 48)
        let (whole, parts) = (FloatBuffer(zeros: 30 * 96), FloatBuffer(zeros: 30 * 96))
        weight.view.apply(x.values, stride: 48, to: whole.values, stride: 96, rows: 30)
        for outputs in [0..<59, 59..<96] {
            for inputs in [0..<8, 8..<48] {
                weight.view.inputs(inputs).outputs(outputs).apply(
                    x.values + inputs.lowerBound, stride: 48,
                    to: parts.values + outputs.lowerBound, stride: 96, rows: 30, keep: 1)
            }
        }
        for (a, b) in zip(whole.array, parts.array) { #expect(abs(a - b) < 1e-5) }
    }
}
