import Engine
import Models
import Testing

@Suite("Feed-forward layers")
struct FeedForwardTests {
    init() throws { try BLAS.load() }

    @Test(
        "A hidden layer computed in slabs gives the same output as the whole layer",
        arguments: [true, false])
    func slabs(gated: Bool) {
        // Two slabs and a part of one.
        let (dModel, dMLP, rows) = (48, 600, 29)
        var random = RandomValues(seed: 7)
        var weights: [OwnedWeight] = []
        var biases: [FloatBuffer] = []
        func affine(_ inputs: Int, _ outputs: Int) -> Affine {
            weights.append(random.weight(inputs, outputs, scale: 0.2))
            biases.append(random.buffer(outputs))
            return Affine(
                weight: weights[weights.count - 1].view,
                bias: Vector(values: biases[biases.count - 1].values, count: outputs))
        }
        let mlp = FeedForward(
            MLPWeights(
                gate: gated ? affine(dModel, dMLP) : nil, input: affine(dModel, dMLP),
                output: affine(dMLP, dModel)),
            activation: gated ? .silu : .geluTanh)
        let x = random.buffer(rows * dModel)
        let (whole, slabs) = (FloatBuffer(count: rows * dModel), FloatBuffer(count: rows * dModel))
        let workspace = Workspace()
        withExtendedLifetime((weights, biases)) {
            mlp.apply(x.values, to: whole.values, rows: rows, workspace: workspace)
            mlp.applyInSlabs(x.values, to: slabs.values, rows: rows, workspace: workspace)
        }
        for (a, b) in zip(whole.array, slabs.array) { #expect(abs(a - b) < 1e-4 * max(1, abs(a))) }
        #expect(whole.array.contains { abs($0) > 0.1 })
    }
}
