import CKernels
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

    /// Of two neighbours the nearer one, and of equally near ones the one with an even last bit.
    private func rounded(_ value: Float) -> Float {
        let bits = value.bitPattern & 0xffff_0000
        let (below, above) = (Float(bitPattern: bits), Float(bitPattern: bits &+ 0x1_0000))
        let (left, right) = (Double(value) - Double(below), Double(above) - Double(value))
        if abs(left) != abs(right) { return abs(left) < abs(right) ? below : above }
        return (bits >> 16).isMultiple(of: 2) ? below : above
    }

    @Test(
        "--weights bfloat16 rounds the matrices of any file to the nearest, and nothing else",
        arguments: ["tiny-llama-gqa", "tiny-gpt2", "tiny-llama-gqa.gguf", "tiny-gpt-neox.gguf"])
    func rounding(_ name: String) throws {
        let expected = try Model.load(fixture("models/\(name)"))
        let model = try Model.load(fixture("models/\(name)"), .bfloat16)
        #expect(model.matrices.allSatisfy { $0.format == .bfloat16 })
        #expect(model.tokenEmbedding.flat == expected.tokenEmbedding.flat.map(rounded))
        #expect(model.unembedding.flat == expected.unembedding.flat.map(rounded))
        for (layer, stored) in zip(model.layers, expected.layers) {
            #expect(layer.attentionNorm?.flat == stored.attentionNorm?.flat)
            for part in [\AttentionWeights.query, \.key, \.value, \.output] {
                let (affine, wanted) = (
                    layer.attention[keyPath: part], stored.attention[keyPath: part]
                )
                #expect(affine.bias?.array == wanted.bias?.array)
                #expect(
                    Affine(weight: affine.weight).flat
                        == Affine(weight: wanted.weight).flat.map(rounded))
            }
            #expect(layer.mlp.output.weight[1, 2] == rounded(stored.mlp.output.weight[1, 2]))
        }
        // Ties, and neighbours of them.
        for bits: UInt32 in [0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0xbf81_7fff, 0x0000_8001] {
            let storage = try WeightStorage(count: 1)
            let result = UnsafeMutableRawPointer(storage.values)
            var value = Float(bitPattern: bits)
            ct_round_to_bf16(&value, 1, result.assumingMemoryBound(to: UInt16.self))
            #expect(StoredValues(result, .bfloat16)[0] == rounded(value))
        }
    }

    @Test("The digest of a model in memory depends on its weights, and not on how they are held")
    func digestInMemory() throws {
        let narrow = try WeightStorage(count: 2)
        let halves = UnsafeMutableRawPointer(narrow.values)
        for (index, value) in [Float16(1), 2, 3, 4].enumerated() {
            halves.storeBytes(of: value.bitPattern, toByteOffset: 2 * index, as: UInt16.self)
        }
        let digests = try [Float(1), 1, 2, nil].map { value in
            let storage = try value.map { try WeightStorage([$0, 2, 3, 4]) } ?? narrow
            let table = EmbeddingTable(
                values: StoredValues(storage.values, value == nil ? .float16 : .float32), count: 2,
                dModel: 2)
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
        #expect(digests[0] == digests[3])
        #expect(digests[0].count == 64)
    }
}
