import Foundation
import Models
import TestSupport
import Testing

/// The trained GPT-2 of fixtures/ with the heads of each layer in another order, and perhaps a layer that
/// adds nothing in between: the same function under other names.
struct PermutedModel {
    /// Which head of the original each head is. Shape `[layer][head]`.
    let heads = [
        [3, 5, 0, 1, 4, 2], [1, 2, 3, 4, 5, 0], [5, 4, 3, 2, 1, 0], [2, 0, 1, 5, 3, 4],
    ]
    /// The layer before which an empty one is put, if any.
    var emptyLayer: Int?
    private static let width = 16

    /// The name here of a head of the original: `a3.h4`.
    func name(ofOriginal name: String) throws -> String {
        let numbers = name.split { !$0.isNumber }.compactMap { Int($0) }
        try #require(numbers.count == 2)
        let head = try #require(heads[numbers[0]].firstIndex(of: numbers[1]))
        return "a\(layer(ofOriginal: numbers[0])).h\(head)"
    }

    private func layer(ofOriginal layer: Int) -> Int {
        emptyLayer.map { layer >= $0 ? layer + 1 : layer } ?? layer
    }

    /// Writes the model's folder.
    func write(to folder: String) throws {
        let source = Fixture.path("models/demo")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in ["config.json", "tokenizer.json", "tokenizer_config.json"] {
            try FileManager.default.copyItem(
                atPath: "\(source)/\(file)", toPath: "\(folder)/\(file)")
        }
        let tensors = try Safetensors(path: source + "/model.safetensors")
        var written: [String: (values: [Float], shape: [Int])] = [:]
        for name in tensors.names {
            var tensor = try tensors.values(of: name)
            var parts = name.split(separator: ".").map(String.init)
            guard parts.count > 2, parts[1] == "h", let original = Int(parts[2]) else {
                written[name] = tensor
                continue
            }
            let rest = parts[3...].joined(separator: ".")
            parts[2] = "\(layer(ofOriginal: original))"
            // Rows of the output's weights, columns of the three inputs' and their biases.
            if rest == "attn.c_proj.weight" {
                tensor.values = reordered(
                    tensor.values, block: Self.width * tensor.shape[1], in: original)
            } else if rest.hasPrefix("attn.c_attn") {
                tensor.values = reordered(tensor.values, block: Self.width, in: original)
            }
            written[parts.joined(separator: ".")] = tensor
            if let emptyLayer, original == emptyLayer {
                parts[2] = "\(emptyLayer)"
                var copy = tensor
                if rest.contains("c_proj") { copy.values = copy.values.map { _ in 0 } }
                written[parts.joined(separator: ".")] = copy
            }
        }
        try Self.write(written, to: folder + "/model.safetensors")
        if emptyLayer != nil {
            let path = folder + "/config.json"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacingOccurrences(of: "\"n_layer\": 4", with: "\"n_layer\": 5")
                .write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    /// The values with each run of six blocks in the order of a layer's heads.
    private func reordered(_ values: [Float], block: Int, in layer: Int) -> [Float] {
        let run = heads[layer].count * block
        return stride(from: 0, to: values.count, by: run).flatMap { start in
            heads[layer].flatMap { values[start + $0 * block..<start + ($0 + 1) * block] }
        }
    }

    private static func write(
        _ tensors: [String: (values: [Float], shape: [Int])], to path: String
    ) throws {
        var header: [String: Any] = [:]
        var data = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let bytes = tensor.values.withUnsafeBytes { Data($0) }
            header[name] = [
                "dtype": "F32", "shape": tensor.shape,
                "data_offsets": [data.count, data.count + bytes.count],
            ]
            data += bytes
        }
        let text = try JSONSerialization.data(withJSONObject: header)
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
        try (length + text + data).write(to: URL(filePath: path))
    }
}
