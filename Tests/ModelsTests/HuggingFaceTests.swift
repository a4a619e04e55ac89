import Basics
import Foundation
import Models
import Testing

@Suite("Hugging Face folders")
struct HuggingFaceTests {
    static let names = [
        "tiny-gpt2", "tiny-llama", "tiny-llama-gqa", "tiny-qwen2", "tiny-gpt-neox", "tiny-gemma2",
        "tiny-gemma", "tiny-gemma3", "tiny-qwen3", "tiny-mistral", "tiny-olmo2", "tiny-phi3",
        "tiny-smollm3",
    ]

    @Test("The shapes of a model's weights are those of its configuration", arguments: names)
    func shapes(_ name: String) throws {
        let model = try Model.load(fixture("models/\(name)"))
        let shape = model.configuration
        #expect(model.name == name)
        #expect(model.quantization == "F32")
        let sizes: [Int] = [shape.nLayers, shape.nHeads, shape.dModel, shape.dVocab]
        let nLayers = name == "tiny-smollm3" ? 4 : 3
        #expect(sizes == [nLayers, 4, 32, 60])
        #expect(model.layers.count == nLayers)
        #expect(model.warnings.isEmpty)
        #expect(shape.nContext == 32)
        #expect(model.unembedding.weight.outputs == 60)
        for layer in model.layers {
            #expect(layer.attention.query.weight.outputs == shape.nHeads * shape.dHead)
            #expect(layer.attention.key.weight.outputs == shape.nKeyValueHeads * shape.dHead)
            #expect(layer.attention.output.weight.inputs == shape.nHeads * shape.dHead)
            #expect(layer.mlp.output.weight.inputs == shape.dMLP)
            #expect((layer.mlp.gate != nil) == shape.isGated)
        }
    }

    /// q, k and v of every head are the rows that `GPTNeoXAttention` takes them from.
    @Test("GPT-NeoX's fused projection is split by head into queries, keys and values")
    func gptNeoXHeads() throws {
        let model = try Model.load(fixture("models/tiny-gpt-neox"))
        let fused = try Safetensors(path: fixture("models/tiny-gpt-neox/model.safetensors"))
        let attention = model.layers[1].attention
        let name = "gpt_neox.layers.1.attention.query_key_value"
        let (weights, biases) = (
            try fused.values(of: name + ".weight").values,
            try fused.values(of: name + ".bias").values
        )
        for (part, map) in [attention.query, attention.key, attention.value].enumerated() {
            for head in 0..<4 {
                for dimension in 0..<8 {
                    let row = head * 24 + part * 8 + dimension
                    let output = head * 8 + dimension
                    #expect(map.bias?.array[output] == biases[row])
                    #expect(map.weight[5, output] == weights[row * 32 + 5])
                }
            }
        }
    }

    /// GPT-2's queries, keys and values are three views of one tensor in the file.
    @Test("GPT-2's weights are views of the tensors in the file")
    func gpt2Views() throws {
        let model = try Model.load(fixture("models/tiny-gpt2"))
        let attention = model.layers[0].attention
        #expect(attention.query.weight.layout == .inputMajor)
        #expect(attention.key.weight.values == attention.query.weight.values.advanced(by: 32))
        #expect(attention.value.weight.stride == 96)
        #expect(model.unembedding.weight.values == model.tokenEmbedding.values)
        #expect(model.positionEmbedding?.count == 32)
    }

    @Test("A model in shards equals the model in one file, and a wrong index is refused")
    func shards() throws {
        let folder = try TemporaryFolder.copy(of: "tiny-llama")
        let file = folder.path + "/model.safetensors"
        let whole = try readAll(file)
        try FileManager.default.removeItem(atPath: file)
        var map: [String: String] = [:]
        for (index, name) in whole.keys.sorted().enumerated() {
            map[name] = "model-0000\(index % 3 + 1)-of-00003.safetensors"
        }
        for shard in Set(map.values) {
            _ = try folder.write(safetensors(whole.filter { map[$0.key] == shard }), as: shard)
        }
        let index = try JSONEncoder().encode(["weight_map": map])
        _ = try folder.write(index, as: "model.safetensors.index.json")

        let sharded = try Model.load(folder.path)
        #expect(sharded.allWeights() == (try Model.load(fixture("models/tiny-llama")).allWeights()))

        // An index that names a tensor that no shard has.
        map["more"] = "model-00001-of-00003.safetensors"
        _ = try folder.write(
            JSONEncoder().encode(["weight_map": map]), as: "model.safetensors.index.json")
        expectError(.badData, "model-00001-of-00003.safetensors", "more") {
            _ = try Model.load(folder.path)
        }
        map["more"] = "../elsewhere.safetensors"
        _ = try folder.write(
            JSONEncoder().encode(["weight_map": map]), as: "model.safetensors.index.json")
        expectError(.badData, "../elsewhere.safetensors") { _ = try Model.load(folder.path) }
    }

    @Test("Weights in float16 and bfloat16 are read", arguments: ["F16", "BF16"], names)
    func halfPrecision(
        _ type: String, _ name: String
    ) throws {
        let folder = try TemporaryFolder.copy(of: name)
        let file = folder.path + "/model.safetensors"
        var (stored, rounded): ([String: TestTensor], [String: TestTensor]) = ([:], [:])
        for (name, tensor) in try readAll(file) {
            var bytes: [UInt8] = []
            var values: [Float] = []
            for value in tensor.floats {
                // bfloat16 by cutting off: any value it can hold does.
                let brain = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
                let half = Float16(value)
                bytes += littleEndian(type == "F16" ? half.bitPattern : brain)
                values.append(
                    type == "F16" ? Float(half) : Float(bitPattern: UInt32(brain) << 16))
            }
            stored[name] = TestTensor(type: type, shape: tensor.shape, bytes: bytes)
            rounded[name] = TestTensor(values, shape: tensor.shape)
        }
        _ = try folder.write(safetensors(rounded), as: "model.safetensors")
        let expected = try Model.load(folder.path).allWeights()
        _ = try folder.write(safetensors(stored), as: "model.safetensors")
        let model = try Model.load(folder.path)
        #expect(model.quantization == type)
        #expect(model.allWeights() == expected)
        // They are held as they are stored, unless something else is wanted.
        let format: NumberFormat = type == "F16" ? .float16 : .bfloat16
        #expect(model.matrices.allSatisfy { $0.format == format })
        let wide = try Model.load(folder.path, .float32)
        #expect(wide.allWeights() == expected)
        #expect(wide.matrices.allSatisfy { $0.format == .float32 })
    }

    @Test("GPT-2 is read also where its tensors' names lack the prefix")
    func gpt2WithoutPrefix() throws {
        let folder = try TemporaryFolder.copy(of: "tiny-gpt2")
        let tensors = try readAll(folder.path + "/model.safetensors")
        let bare = tensors.map { ($0.key.replacing("transformer.", with: ""), $0.value) }
        _ = try folder.write(
            safetensors(Dictionary(uniqueKeysWithValues: bare)), as: "model.safetensors")
        let expected = try Model.load(fixture("models/tiny-gpt2")).allWeights()
        #expect(try Model.load(folder.path).allWeights() == expected)
    }

    @Test("Tensors of an unknown type may claim any shape, and are refused or left out")
    func hugeUnknownTensors() throws {
        let folder = try TemporaryFolder.copy(of: "tiny-llama")
        let path = folder.path + "/model.safetensors"
        let whole = Array(try Data(contentsOf: URL(filePath: path)))
        let length = whole[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        var header = String(decoding: whole[8..<8 + length], as: UTF8.self)
        for name in ["a", "b", "c"] {
            header.insert(
                contentsOf:
                    "\"\(name)\": {\"dtype\": \"F8_E4M3\", \"shape\": [2147483648, 2147483648], "
                    + "\"data_offsets\": [0, 0]}, ", at: header.index(after: header.startIndex))
        }
        let bytes =
            littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + whole[(8 + length)...]
        try Data(bytes).write(to: URL(filePath: path))
        do { _ = try Model.load(folder.path) } catch { #expect(error.kind == .badData) }
    }

    @Test("A model's digest is made from the SHA-256 of its files")
    func digest() throws {
        // (cd fixtures/models/tiny-llama && sha256sum config.json model.safetensors | sha256sum)
        let folder = try Model.load(fixture("models/tiny-llama")).digest()
        #expect(folder == "c231911e6fe7c71d6b27a17b8e0bc55f98dcbd4647020b295a17ca930e1d446d")
        // sha256sum fixtures/models/tiny-llama-gqa.gguf
        let file = try ModelSource(fixture("models/tiny-llama-gqa.gguf")).digest()
        #expect(file == "6c003409f363d8c13b9bdfcf2b3f7403a1a01d2be2f6e15424191bec2a0ae884")
    }
}
