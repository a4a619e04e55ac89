import Foundation
import Models
import Testing

/// Rotary scalings as the two formats say them, and what stands for a key that isn't there. That the
/// frequencies are right, the logits of the tiny models show.
@Suite("Rotary scalings")
struct RotaryScalingTests {
    private func rotary(_ path: String, layer: Int = 0) throws -> RotaryEmbedding {
        try #require(try ModelSource(path).configuration.rotary(ofLayer: layer))
    }

    /// A copy of a fixture with some keys of `config.json` set; nil removes one.
    private func folder(_ name: String, _ keys: [String: Any?]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder.copy(of: name)
        let data = try Data(contentsOf: URL(filePath: folder.path + "/config.json"))
        var config = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        for (key, value) in keys { config[key] = value }
        _ = try folder.write(JSONSerialization.data(withJSONObject: config), as: "config.json")
        return folder
    }

    /// Replaces strings, each with its length before it, in a copy of a GGUF file. The lengths of all
    /// together must stay the same.
    private func gguf(_ name: String, _ strings: [(String, String)]) throws -> TemporaryFolder {
        func stored(_ string: String) -> Data {
            Data(littleEndian(UInt64(string.utf8.count)) + Array(string.utf8))
        }
        var data = try Data(contentsOf: URL(filePath: fixture("models/\(name).gguf")))
        let size = data.count
        for (old, new) in strings {
            let range = try #require(data.range(of: stored(old)))
            data.replaceSubrange(range, with: stored(new))
        }
        try #require(data.count == size)
        let folder = try TemporaryFolder()
        _ = try folder.write(data, as: "model.gguf")
        return folder
    }

    @Test("In a GGUF file a factor without a type is linear, as in llama.cpp")
    func factorWithoutType() throws {
        let folder = try gguf(
            "tiny-gemma3",
            [("gemma3.rope.scaling.type", "gemma3.rope.scaling.finetuned")]
                + [("tiny-gemma3", "tiny-g")])
        let expected = try rotary(fixture("models/tiny-gemma3.gguf"), layer: 2)
        #expect(try rotary(folder.path + "/model.gguf", layer: 2) == expected)
    }

    @Test("The key that GGUF files of 2023 have for a linear factor is read")
    func scaleLinear() throws {
        let folder = try gguf(
            "tiny-gemma3",
            [
                ("gemma3.rope.scaling.factor", "gemma3.rope.scale_linear"),
                ("tiny-gemma3", "tiny-gemma3-2"),
            ])
        let expected = try rotary(fixture("models/tiny-gemma3.gguf"), layer: 2)
        #expect(try rotary(folder.path + "/model.gguf", layer: 2) == expected)
    }

    @Test("GPT-NeoX's scaling is read from rope_scaling too")
    func olderScaling() throws {
        let older = try folder(
            "tiny-gpt-neox",
            [
                "rope_parameters": nil, "rotary_emb_base": 10000, "rotary_pct": 0.5,
                "rope_scaling": ["type": "linear", "factor": 4.0],
            ])
        let newer = try folder(
            "tiny-gpt-neox",
            [
                "rope_parameters": [
                    "rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0,
                    "partial_rotary_factor": 0.5,
                ]
            ])
        let plain = try rotary(fixture("models/tiny-gpt-neox"))
        let scaled = try rotary(older.path)
        #expect(try rotary(newer.path) == scaled)
        #expect(scaled.inverseFrequencies == plain.inverseFrequencies.map { $0 / 4 })
    }

    @Test("Of an odd number of dimensions one more is rotated, as in transformers")
    func oddDimensions() throws {
        let folder = try folder(
            "tiny-gpt-neox",
            ["rope_parameters": ["rope_theta": 1000.0, "partial_rotary_factor": 0.4]])
        // 3.2 of 8 dimensions.
        let rotary = try rotary(folder.path)
        #expect(rotary.dimensions == 4)
        let second = try #require(rotary.inverseFrequencies.last)
        #expect(abs(second - 0.01) < 1e-8)
    }

    @Test("Gemma 3's bases are read as transformers 4 wrote them, and default to its own")
    func gemma3() throws {
        let older = try folder(
            "tiny-gemma3",
            [
                "rope_parameters": nil, "rope_theta": 5000.0, "rope_local_base_freq": 100.0,
                "rope_scaling": ["rope_type": "linear", "factor": 8.0],
            ])
        for layer in 0..<3 {
            let expected = try rotary(fixture("models/tiny-gemma3"), layer: layer)
            #expect(try rotary(older.path, layer: layer) == expected)
        }
        let usual = try folder("tiny-gemma3", ["rope_parameters": nil])
        #expect(try abs(rotary(usual.path).inverseFrequencies[1] - 0.1) < 1e-7)
        #expect(try abs(rotary(usual.path, layer: 2).inverseFrequencies[1] - 0.0316228) < 1e-7)
    }

    @Test("Phi 3's context of training beside the rotary parameters goes before the one among them")
    func phi3TrainingContext() throws {
        #expect(try rotary(fixture("models/tiny-phi3")).longestPrompt == 16)
        // What transformers' Phi3Config has where the key is absent.
        let absent = try folder("tiny-phi3", ["original_max_position_embeddings": nil])
        #expect(try rotary(absent.path).longestPrompt == 4096)
        #expect(try rotary(absent.path).magnitude == 1)
    }

    @Test("Whether a layer rotates and which window it has")
    func layers() throws {
        let smolLM3 = try ModelSource(fixture("models/tiny-smollm3")).configuration
        #expect((0..<4).map { smolLM3.rotary(ofLayer: $0) != nil } == [true, true, true, false])
        let gemma3 = try ModelSource(fixture("models/tiny-gemma3.gguf")).configuration
        #expect((0..<3).map { gemma3.attentionWindow(ofLayer: $0) } == [4, 4, nil])
        let mistral = try ModelSource(fixture("models/tiny-mistral")).configuration
        #expect((0..<3).map { mistral.attentionWindow(ofLayer: $0) } == [3, 3, 3])
        // MistralConfig has a window unless the key is there and null.
        let absent = try folder("tiny-mistral", ["sliding_window": nil])
        #expect(try ModelSource(absent.path).configuration.attentionWindow(ofLayer: 0) == 4096)
        let null = try folder("tiny-mistral", ["sliding_window": NSNull()])
        #expect(try ModelSource(null.path).configuration.attentionWindow(ofLayer: 0) == nil)
    }
}
