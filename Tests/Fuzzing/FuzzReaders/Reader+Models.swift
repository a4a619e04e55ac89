import Basics
import Foundation
import Interchange
import Models
import Tokenization

extension Reader {
    /// Models' files, and sets of transcoders.
    static var models: [Reader] {
        [
            Reader(name: "gguf", seeds: ["models/*.gguf", "tokenizer/*/*.gguf"]) { input in
                try load(input.file("model.gguf"))
            },
            Reader(name: "quantized-gguf", seeds: ["gguf/blocks.gguf"]) { input in
                let file = try GGUFFile(path: input.file("model.gguf"))
                for name in file.names { _ = try? file.values(of: name) }
            },
            Reader(name: "safetensors", seeds: ["tracr/xproportion/model.safetensors"]) { input in
                try load(input.makeFolder(like: "tracr/xproportion", with: "model.safetensors"))
            },
            Reader(name: "config", seeds: ["models/*/config.json", "tracr/*/config.json"]) {
                input in
                try load(input.makeFolder(like: weights(for: input.bytes), with: "config.json"))
            },
            Reader(name: "control-vectors", seeds: ["steering/control.gguf"]) { input in
                _ = try ControlVectorFile.read(input.file("vectors.gguf"))
            },
            transcoders("transcoder-config", "gemma2-jumprelu", "config.yaml"),
            transcoders("transcoder-folder-config", "saelens-skip", "layer_0/cfg.json"),
            transcoders("transcoder-safetensors", "gemma2-skip", "layer_1.safetensors"),
            transcoders("cross-layer-safetensors", "gpt2-clt", "W_dec_1.safetensors"),
            transcoders("transcoder-npz", "gemma-scope-1", "layer_1/params.npz"),
        ]
    }

    /// A set of transcoders one file of which is the input.
    private static func transcoders(_ name: String, _ set: String, _ file: String) -> Reader {
        let parts = file.split(separator: "/").map(String.init)
        let folders = parts.dropLast().joined(separator: "/")
        let same = "*." + (file.split(separator: ".").last.map(String.init) ?? "*")
        let seeds =
            ["yaml", "json"].contains { file.hasSuffix($0) }
            ? ["attribution/sets/*/config.yaml", "attribution/sets/*/*/cfg.json"]
            : ["attribution/sets/\(set)/\(folders.isEmpty ? "" : folders + "/")\(same)"]
        return Reader(name: name, seeds: seeds) { input in
            let fixture = "attribution/sets/" + set
            if folders.isEmpty {
                try use(TranscoderSet(input.makeFolder(like: fixture, with: file)))
                return
            }
            let manager = FileManager.default
            let original = Repository.path("fixtures/" + fixture)
            try manager.copyItem(atPath: original, toPath: input.path("set"))
            try input.write(input.bytes, to: "set/" + file)
            try use(TranscoderSet(input.path("set")))
        }
    }

    /// Reads what a trace reads of transcoders.
    private static func use(_ set: TranscoderSet) throws {
        for layer in set.layers where !layer.encoderBias.isEmpty && set.dModel > 0 {
            var values = [Float](repeating: 0, count: set.dModel)
            values.withUnsafeMutableBufferPointer { values in
                guard let start = values.baseAddress else { return }
                layer.copyEncoder(of: layer.encoderBias.count - 1, to: start)
            }
        }
    }

    /// Loads a model with its tokenizer.
    private static func load(_ path: String) throws {
        let source = try ModelSource(path)
        let model = try source.load()
        _ = try model.tokenizer()?.encode(nastyText)
    }

    /// The folder of weights that the family named in a configuration needs.
    private static func weights(for configuration: Data) -> String {
        let families = [
            "gemma3", "gemma2", "gemma", "gpt_neox", "gpt2", "llama", "mistral", "olmo2", "phi3",
            "qwen2", "qwen3", "smollm3",
        ]
        let text = String(decoding: configuration, as: UTF8.self)
        let family = families.first { text.contains("\"\($0)") } ?? "llama"
        return "models/tiny-" + family.replacingOccurrences(of: "_", with: "-")
    }
}
