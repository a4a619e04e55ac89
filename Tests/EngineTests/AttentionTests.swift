import Engine
import Models
import TestSupport
import Testing

/// The parts of attention that one head has.
@Suite("Attention by head")
struct AttentionTests {
    private let rows = 5

    private func transformer(_ name: String) throws -> Transformer {
        try Transformer(try Model.load(Fixture.path("models/\(name)")))
    }

    @Test(
        "Each head projects to its columns of all queries, keys and values, normalised as all are",
        arguments: ["tiny-gpt2", "tiny-llama-gqa", "tiny-gemma3", "tiny-olmo2"])
    func projections(family: String) throws {
        let transformer = try transformer(family)
        defer { withExtendedLifetime(transformer) {} }
        let attention = transformer.layers[1].attention
        let (heads, keys, width) = (
            attention.headCount, attention.keyValueHeadCount, attention.dHead
        )
        var random = RandomValues(seed: 5)
        let x = random.buffer(rows * transformer.configuration.dModel)
        // At position 0 nothing is rotated.
        let starts = Buffer<Int32>(Array(repeating: Int32(0), count: rows))
        let workspace = Workspace()
        func check(_ projection: HeadProjection, _ all: Affine, columns: Int) {
            let whole = FloatBuffer(count: rows * all.weight.outputs)
            let own = FloatBuffer(count: rows * width)
            all.apply(
                x.values, stride: all.weight.inputs, to: whole.values, stride: all.weight.outputs,
                rows: rows)
            if all.weight.values == attention.query.weight.values {
                attention.prepareQueries(whole.values, rows: rows, positions: starts.values)
            } else if all.weight.values == attention.key.weight.values {
                attention.prepareKeys(whole.values, rows: rows, positions: starts.values)
            }
            projection.apply(x.values, to: own.values, rows: rows, workspace: workspace)
            for row in 0..<rows {
                for i in 0..<width {
                    let expected = whole.values[row * all.weight.outputs + columns + i]
                    #expect(abs(own.values[row * width + i] - expected) < 1e-5)
                }
            }
        }
        for head in 0..<heads {
            check(attention.queries(ofHead: head), attention.query, columns: head * width)
            // A key for every query head, with the weights of the one that it shares.
            let shared = attention.keyNumber(ofHead: head, of: keys)
            #expect(shared == head / (heads / keys))
            check(attention.keys(head, of: heads), attention.key, columns: shared * width)
            check(attention.values(head, of: heads), attention.value, columns: shared * width)
        }
        for key in 0..<keys {
            check(attention.keys(key, of: keys), attention.key, columns: key * width)
            check(attention.values(key, of: keys), attention.value, columns: key * width)
        }
    }

    @Test("The results of all heads, and the bias, add up to the output of attention")
    func outputs() throws {
        let transformer = try transformer("tiny-gpt2")
        defer { withExtendedLifetime(transformer) {} }
        let attention = transformer.layers[0].attention
        let (dModel, width) = (
            transformer.configuration.dModel, attention.headCount * attention.dHead
        )
        var random = RandomValues(seed: 6)
        let z = random.buffer(rows * width)
        let whole = FloatBuffer(count: rows * dModel)
        attention.output.apply(
            z.values, stride: width, to: whole.values, stride: dModel, rows: rows)
        let sum = FloatBuffer(zeros: rows * dModel)
        let result = FloatBuffer(count: rows * dModel)
        for head in 0..<attention.headCount {
            attention.applyOutput(
                ofHead: head, z.values, to: result.values, stride: dModel, rows: rows)
            sum.values.add(result.values, count: rows * dModel)
        }
        let bias = try #require(attention.output.bias)
        sum.values.addToRows(bias.values, rows: rows, columns: dModel, stride: dModel)
        for (a, b) in zip(sum.array, whole.array) { #expect(abs(a - b) < 1e-5) }
    }

    @Test("Queries and keys are rotated by their positions, values aren't")
    func rotation() throws {
        let transformer = try transformer("tiny-llama-gqa")
        defer { withExtendedLifetime(transformer) {} }
        let attention = transformer.layers[0].attention
        let width = attention.dHead
        let positions = Buffer<Int32>([0, 3])
        func rotated(_ projection: HeadProjection) -> FloatBuffer {
            let y = FloatBuffer((0..<4 * width).map { Float($0) + 1 })
            projection.rotate(y.values, rows: 4, positions: positions.values, period: 2)
            return y
        }
        let unchanged = (0..<4 * width).map { Float($0) + 1 }
        #expect(rotated(attention.values(0, of: 2)).array == unchanged)
        for projection in [attention.queries(ofHead: 1), attention.keys(1, of: 2)] {
            let y = rotated(projection).array
            // Rows 0 and 2 are at position 0.
            for row in 0..<4 {
                let range = row * width..<(row + 1) * width
                #expect((Array(y[range]) == Array(unchanged[range])) == row.isMultiple(of: 2))
            }
        }
    }

    @Test("A row sees the keys up to its own position, or all where attention isn't causal")
    func positions() throws {
        let causal = RowPositions(lengths: [3, 2], in: try transformer("tiny-gpt2"))
        #expect(causal.positions.array == [0, 1, 2, 0, 1])
        #expect(causal.visibleKeys.array == [1, 2, 3, 1, 2])
        let parts = RowPositions(
            [1..<3, 1..<2], ofLengths: [3, 2], in: try transformer("tiny-gpt2"))
        #expect(parts.positions.array == [1, 2, 1])
        #expect(parts.visibleKeys.array == [2, 3, 2])
        let program = try Transformer(try Model.load(Fixture.path("tracr/reverse")))
        let both = RowPositions([1..<3, 0..<1], ofLengths: [3, 2], in: program)
        #expect(both.visibleKeys.array == [3, 3, 2])
    }
}
