import Foundation
import Models
import Testing

/// Sets that are read, and those that are refused in a line that says what to do.
@Suite("Transcoder sets")
struct TranscoderSetTests {
    private static let set = "attribution/sets/qwen2-relu"

    /// A copy of a set whose file `name` is changed.
    private func changed(
        _ set: String = set, _ change: (URL) throws -> Void
    ) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "transcoders-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: URL(filePath: fixture(set)), to: folder)
        try change(folder)
        return folder.path
    }

    private func expectRefusal(_ folder: String, _ words: String...) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: (any Error).self) {
            let set = try TranscoderSet(folder)
            try set.requireFit(
                ModelSource(fixture("models/tiny-qwen2")).configuration, name: "tiny-qwen2")
        }
        let message = error.map { "\($0)" } ?? ""
        for word in words { #expect(message.contains(word), "\(message)") }
        #expect(!message.contains("\n"))
    }

    private func configuration(_ text: String) throws -> String {
        try changed { try Data(text.utf8).write(to: $0.appending(path: "config.yaml")) }
    }

    @Test("A set says what it is")
    func whole() throws {
        let set = try TranscoderSet(fixture(Self.set))
        #expect(set.kind == .perLayer && set.inputHook == .mlpIn && set.outputHook == .mlpModule)
        #expect(set.activation == .relu && set.featureCount == 16 && set.dModel == 32)
        #expect(set.layers.count == 3 && set.modelName == "tiny-qwen2")
        #expect(try set.digest().count == 64)
        #expect(try set.digest() != TranscoderSet(fixture("attribution/sets/llama-skip")).digest())
        let cross = try TranscoderSet(fixture("attribution/sets/qwen2-clt"))
        #expect(cross.activation == .jumpReLU && cross.outputs(ofLayer: 1) == 1..<3)
        let top = try TranscoderSet(fixture("attribution/sets/gpt2-topk"))
        #expect(top.activation == .topK(5))
    }

    @Test("Folders of SAELens and sparsify that make up no set are refused")
    func layerFolders() throws {
        func refuse(
            _ set: String, _ words: String..., change: (URL) throws -> Void
        ) throws {
            let folder = try changed("attribution/sets/" + set, change)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let error = #expect(throws: (any Error).self) { try TranscoderSet(folder) }
            let message = error.map { "\($0)" } ?? ""
            for word in words { #expect(message.contains(word), "\(message)") }
            #expect(!message.contains("\n"))
        }
        func edit(_ path: String, _ old: String, _ new: String) -> (URL) throws -> Void {
            { folder in
                let url = folder.appending(path: path)
                let text = try String(contentsOf: url, encoding: .utf8)
                #expect(text.contains(old))
                try Data(text.replacing(old, with: new).utf8).write(to: url)
            }
        }
        let configuration = "layer_1/cfg.json"
        try refuse("saelens-skip", "layer 1", "layer_2") {
            try FileManager.default.removeItem(at: $0.appending(path: "layer_1"))
        }
        try refuse("saelens-skip", "layer_1", "sae_weights.safetensors") {
            try FileManager.default.removeItem(
                at: $0.appending(path: "layer_1/sae_weights.safetensors"))
        }
        try refuse("saelens-skip", "one layer's") {
            try FileManager.default.copyItem(
                at: $0.appending(path: configuration), to: $0.appending(path: "cfg.json"))
        }
        for (old, new, word) in [
            ("skip_transcoder", "standard", "architecture is standard"),
            ("\"none\"", "\"layer_norm\"", "normalises"),
            ("hook_name_out", "hook_name_to", "no hook_name_out"),
            ("blocks.1.mlp.hook_out", "blocks.2.mlp.hook_out", "layer 2"),
            ("blocks.1.hook_mlp_in", "blocks.1.attn.hook_z", "attn.hook_z"),
            ("blocks.1.hook_mlp_in", "blocks.1.mlp.hook_in", "differs"),
            ("blocks.1.", "blocks.0.", "both of layer 0"), ("{", "[", "cfg.json"),
        ] {
            try refuse("saelens-skip", word, change: edit(configuration, old, new))
        }
        let sparsify = "layers.1.mlp/cfg.json"
        try refuse(
            "sparsify", "transcode",
            change: edit(sparsify, "\"transcode\": true", "\"transcode\": false"))
        try refuse("sparsify", "groupmax", change: edit(sparsify, "topk", "groupmax"))
        try refuse("sparsify", "layers.3.mlp") {
            try FileManager.default.moveItem(
                at: $0.appending(path: "layers.1.mlp"), to: $0.appending(path: "layers.1.attn"))
        }
    }

    @Test("Gemma Scope's archives hold the same numbers as circuit-tracer's files")
    func archives() throws {
        let plain = try TranscoderSet(fixture("attribution/sets/gemma2-skip"))
        for name in ["gemma-scope-1", "gemma-scope-2"] {
            let scope = try TranscoderSet(fixture("attribution/sets/\(name)"))
            #expect(scope.activation == .jumpReLU)
            for (layer, other) in zip(plain.layers, scope.layers) {
                #expect(layer.encoderBias == other.encoderBias)
                #expect(layer.thresholds == other.thresholds)
                for feature in [0, 7, 15] {
                    #expect(
                        row { layer.copyEncoder(of: feature, to: $0) }
                            == row { other.copyEncoder(of: feature, to: $0) })
                    #expect(
                        row { layer.copyDecoder(of: feature, output: 0, to: $0) }
                            == row { other.copyDecoder(of: feature, output: 0, to: $0) })
                }
                #expect((other.skip == nil) == (name == "gemma-scope-1"))
            }
        }
    }

    private func row(_ copy: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
        [Float](unsafeUninitializedCapacity: 32) { buffer, count in
            buffer.baseAddress.map(copy)
            count = 32
        }
    }

    @Test("What isn't there is missed by name")
    func missing() throws {
        try expectRefusal("/no/such/folder", "/no/such/folder", "--transcoders")
        try expectRefusal(
            try changed {
                try FileManager.default.removeItem(at: $0.appending(path: "config.yaml"))
            },
            "no config.yaml", "feature_input_hook")
        try expectRefusal(
            try changed {
                try FileManager.default.removeItem(at: $0.appending(path: "layer_1.safetensors"))
            }, "no layer_1.safetensors", "isn't complete")
        try expectRefusal(
            try changed {
                try FileManager.default.removeItem(at: $0.appending(path: "layer_2.safetensors"))
            }, "2 layers", "tiny-qwen2 has 3")
        try expectRefusal(
            try changed("attribution/sets/gemma-scope-1") {
                try FileManager.default.removeItem(at: $0.appending(path: "layer_1"))
            }, "layer_1/params.npz", "config.yaml lists")
    }

    @Test("A configuration that doesn't say enough is refused")
    func configurations() throws {
        try expectRefusal(
            try configuration("model_kind: transcoder_set\n"), "no feature_input_hook",
            "ln2.hook_normalized")
        try expectRefusal(
            try configuration("model_kind: sae\nfeature_input_hook: mlp.hook_in\n"),
            "model_kind is sae")
        try expectRefusal(try configuration("a: [b\n"), "config.yaml", "YAML")
        let base = """
            model_kind: transcoder_set
            feature_input_hook: mlp.hook_in
            feature_output_hook: mlp.hook_out

            """
        try expectRefusal(try configuration(base + "activation: gelu\n"), "activation is gelu")
        try expectRefusal(try configuration(base + "activation: topk\n"), "k isn't a number")
        try expectRefusal(
            try configuration(base + "activation: topk\nk: 99\n"), "k is 99", "16 features")
        try expectRefusal(
            try configuration(base + "transcoders: [hf://a/b/c.safetensors]\n"), "no c.safetensors")
    }

    @Test("Weights of another shape or kind are refused")
    func weights() throws {
        try expectRefusal(
            try changed {
                try FileManager.default.removeItem(at: $0.appending(path: "layer_1.safetensors"))
                try FileManager.default.copyItem(
                    at: $0.appending(path: "config.yaml"),
                    to: $0.appending(path: "layer_1.safetensors"))
            }, "layer_1.safetensors", "safetensors file")
        try expectRefusal(
            try changed("attribution/sets/qwen2-clt") {
                try Data(
                    """
                    model_kind: transcoder_set
                    feature_input_hook: mlp.hook_in
                    feature_output_hook: mlp.hook_out
                    transcoders: [W_enc_0.safetensors]

                    """.utf8
                ).write(to: $0.appending(path: "config.yaml"))
            }, "no tensor W_dec")
    }

    @Test(
        "Numbers of a kind that can't be read are refused in every tensor",
        arguments: [
            "W_enc", "W_dec", "W_skip", "activation_function.threshold", "b_enc", "b_dec",
        ])
    func kinds(tensor: String) throws {
        try expectRefusal(
            try changed("attribution/sets/gemma2-skip") {
                let file = $0.appending(path: "layer_1.safetensors")
                var bytes = try Data(contentsOf: file)
                let start = Data("\"\(tensor)\":{\"dtype\":\"".utf8)
                let place = try #require(bytes.firstRange(of: start)).upperBound
                bytes.replaceSubrange(place..<place + 3, with: Data("I32".utf8))
                try bytes.write(to: file)
            }, "layer_1.safetensors", tensor, "stored in I32")
    }

    @Test("A file of a layer below 0 is none of the set")
    func layerBelowZero() throws {
        try expectRefusal(
            try changed {
                for name in ["layer_0", "layer_1", "layer_2"] {
                    try FileManager.default.moveItem(
                        at: $0.appending(path: "\(name).safetensors"),
                        to: $0.appending(path: name.replacing("_", with: "_-") + ".safetensors"))
                }
            }, "no layer_0.safetensors")
    }
}
