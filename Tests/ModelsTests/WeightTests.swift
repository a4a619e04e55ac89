import Models
import Testing

@Suite("Weights")
struct WeightTests {
    @Test("Both layouts of the same map give the same slices")
    func slices() throws {
        let byOutput = try WeightStorage((0..<12).map(Float.init))
        // The transpose: 3 inputs, 4 outputs.
        let byInput = try WeightStorage((0..<12).map { Float($0 % 4 * 3 + $0 / 4) })
        let a = byOutput.weight(inputs: 3, outputs: 4, layout: .outputMajor)
        let b = byInput.weight(inputs: 3, outputs: 4, layout: .inputMajor)
        #expect(Int(bitPattern: byOutput.values).isMultiple(of: 64))
        let slices = [
            (a, b), (a.outputs(1..<3), b.outputs(1..<3)), (a.inputs(1..<3), b.inputs(1..<3)),
            (a.inputs(1..<3).outputs(2..<4), b.outputs(2..<4).inputs(1..<3)),
        ]
        for (left, right) in slices {
            #expect(Affine(weight: left).flat == Affine(weight: right).flat)
        }
        #expect(Affine(weight: a.inputs(1..<3).outputs(2..<4)).flat == [7, 8, 10, 11])
    }

    @Test("The digest of a model in memory depends on its weights")
    func digestInMemory() throws {
        let digests = try [Float(1), 1, 2].map { value in
            let storage = try WeightStorage([value, 2, 3, 4])
            let table = EmbeddingTable(values: storage.values, count: 2, dModel: 2)
            let configuration = ModelConfiguration(
                family: .tracr, nLayers: 0, nHeads: 1, nKeyValueHeads: 1, dModel: 2, dHead: 2,
                dMLP: 2, dVocab: 2, nContext: 4, normalization: .none, positions: .none,
                activation: .relu, isGated: false)
            let model = Model(
                configuration: configuration, tokenEmbedding: table, layers: [],
                finalNorm: NormWeights(), unembedding: Affine(weight: table.asUnembedding),
                storage: [storage], name: "by hand")
            #expect(try model.tokenizer() == nil)
            return try model.digest()
        }
        #expect(digests[0] == digests[1])
        #expect(digests[0] != digests[2])
        #expect(digests[0].count == 64)
    }
}
