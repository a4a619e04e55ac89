import Basics
import Foundation
import Models
import Testing

/// Folders with one thing wrong: each error is one line, and says what is wrong.
@Suite("Damaged and unsupported models are refused")
struct BadModelTests {
    /// Edits `config.json` of a copy of a fixture.
    private func folder(
        of name: String = "tiny-llama", replacing old: String, with new: String
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder.copy(of: name)
        let path = folder.path + "/config.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old))
        _ = try folder.write(text.replacing(old, with: new).utf8, as: "config.json")
        return folder
    }

    /// Edits the weights of a copy of a fixture.
    private func folder(
        editing edit: (inout [String: TestTensor]) -> Void
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder.copy(of: "tiny-llama")
        var tensors = try readAll(folder.path + "/model.safetensors")
        edit(&tensors)
        _ = try folder.write(safetensors(tensors), as: "model.safetensors")
        return folder
    }

    @Test("A named pipe in place of weights is refused, without waiting for a writer")
    func namedPipe() throws {
        let folder = try TemporaryFolder.copy(of: "tiny-llama")
        let weights = folder.path + "/model.safetensors"
        try FileManager.default.removeItem(atPath: weights)
        try #require(mkfifo(weights, 0o600) == 0)
        let error = #expect(throws: Failure.self) { try Model.load(folder.path) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("not a regular file") == true)
    }

    @Test(
        "A wrong or unsupported configuration is refused",
        arguments: [
            (
                "\"model_type\": \"llama\"", "\"model_type\": \"mamba\"",
                "\"mamba\" is a state-space or recurrent model"
            ),
            ("\"hidden_act\": \"silu\"", "\"hidden_act\": \"mish\"", "the activation \"mish\""),
            ("\"hidden_size\": 32", "\"other\": 32", "hidden_size is missing"),
            ("\"hidden_size\": 32", "\"hidden_size\": \"32\"", "hidden_size isn't a whole number"),
            ("\"hidden_size\": 32", "\"hidden_size\": -32", "isn't a possible number"),
            ("\"head_dim\": 8", "\"head_dim\": 9000000000000000000", "isn't a possible number"),
            ("\"head_dim\": 8", "\"head_dim\": -8", "isn't a possible number"),
            ("\"head_dim\": 8", "\"head_dim\": 7", "rotary dimensions"),
            ("\"num_key_value_heads\": 4", "\"num_key_value_heads\": 3", "can't share"),
            ("\"num_key_value_heads\": 4", "\"num_key_value_heads\": 0", "isn't a possible number"),
            ("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 4", "no tensor model.layers.3."),
            ("\"vocab_size\": 60", "\"vocab_size\": 61", "has the shape [60, 32], not [61, 32]"),
            ("\"rope_type\": \"default\"", "\"rope_type\": \"new\"", "rotary scaling \"new\""),
            ("\"rope_type\": \"default\"", "\"rope_type\": \"yarn\"", "factor is missing"),
            ("{", "[", "isn't valid JSON"),
        ])
    func configuration(_ old: String, _ new: String, _ message: String) throws {
        let folder = try folder(replacing: old, with: new)
        expectError(.badData, folder.path, message) { _ = try Model.load(folder.path) }
    }

    @Test("Gemma 2 with attention biases is refused")
    func gemmaBiases() throws {
        let folder = try folder(
            of: "tiny-gemma2", replacing: "\"attention_bias\": false",
            with: "\"attention_bias\": true")
        expectError(.badData, folder.path, "attention with biases") {
            _ = try Model.load(folder.path)
        }
    }

    @Test("A model that lacks a tensor is refused")
    func missingTensor() throws {
        let folder = try folder { $0["model.layers.1.mlp.up_proj.weight"] = nil }
        expectError(.badData, folder.path, "no tensor model.layers.1.mlp.up_proj.weight") {
            _ = try Model.load(folder.path)
        }
    }

    @Test("A transposed tensor is refused")
    func transposedTensor() throws {
        let folder = try folder { $0["model.layers.1.mlp.up_proj.weight"]?.shape = [32, 48] }
        expectError(.badData, folder.path, "has the shape [32, 48], not [48, 32]") {
            _ = try Model.load(folder.path)
        }
    }

    @Test(
        "Weights that are NaN or infinite are refused",
        arguments: [Float.nan, .infinity, -.infinity])
    func nonFiniteWeights(
        _ value: Float
    ) throws {
        for name in ["model.layers.2.self_attn.q_proj.weight", "model.norm.weight"] {
            let folder = try folder { tensors in
                guard let tensor = tensors[name] else { return }
                var values = tensor.floats
                values[17] = value
                tensors[name] = TestTensor(values, shape: tensor.shape)
            }
            expectError(.badData, folder.path, name, "at value 17") {
                _ = try Model.load(folder.path)
            }
        }
    }

    @Test(
        "So are those of 16 bits, and numbers that bfloat16 can't hold",
        arguments: [("BF16", UInt16(0x7fc0)), ("BF16", 0xff80), ("F16", 0x7c01), ("F16", 0xfc00)])
    func nonFiniteNarrowWeights(type: String, bits: UInt16) throws {
        let name = "model.layers.2.self_attn.q_proj.weight"
        let broken = try folder { tensors in
            guard let tensor = tensors[name] else { return }
            var values = [UInt16](repeating: 0x3c00, count: tensor.floats.count)
            values[17] = bits
            tensors[name] = TestTensor(
                type: type, shape: tensor.shape, bytes: values.flatMap { littleEndian($0) })
        }
        for precision in WeightPrecision.allCases {
            expectError(.badData, broken.path, name, "at value 17") {
                _ = try Model.load(broken.path, precision)
            }
        }
        let large = try folder { tensors in
            guard let tensor = tensors[name] else { return }
            var values = tensor.floats
            values[17] = .greatestFiniteMagnitude
            tensors[name] = TestTensor(values, shape: tensor.shape)
        }
        _ = try Model.load(large.path)
        expectError(.badData, large.path, name, "at value 17") {
            _ = try Model.load(large.path, .bfloat16)
        }
    }

    @Test("A folder without weights in safetensors is refused")
    func missingWeights() throws {
        let folder = try TemporaryFolder.copy(of: "tiny-llama")
        try FileManager.default.removeItem(atPath: folder.path + "/model.safetensors")
        expectError(.missingInput, folder.path, "model.safetensors") {
            _ = try Model.load(folder.path)
        }
        _ = try folder.write([1], as: "pytorch_model.bin")
        expectError(.badData, "save the model again in safetensors") {
            _ = try Model.load(folder.path)
        }
    }
}
