import Basics
import Foundation
import Models
import Testing

/// A file or folder of the repository's fixtures.
func fixture(_ path: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "fixtures/\(path)").path
}

/// A folder that is deleted when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "models-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and returns its path.
    func write(_ bytes: some Sequence<UInt8>, as name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    /// A copy of a fixture's folder.
    static func copy(of name: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for file in try FileManager.default.contentsOfDirectory(atPath: fixture("models/\(name)")) {
            try FileManager.default.copyItem(
                atPath: fixture("models/\(name)/\(file)"), toPath: folder.path + "/" + file)
        }
        return folder
    }
}

/// A tensor to write.
struct TestTensor {
    var type = "F32"
    var shape: [Int]
    var bytes: [UInt8]

    init(type: String = "F32", shape: [Int], bytes: [UInt8]) {
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }

    init(_ values: [Float], shape: [Int]) {
        self.init(shape: shape, bytes: values.flatMap { littleEndian($0.bitPattern) })
    }

    /// Its values, of a float32 tensor.
    var floats: [Float] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(
                bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
            )
        }
    }
}

func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The bytes of a safetensors file with `header`, as it stands, and `data`.
func safetensors(header: String, data: [UInt8] = []) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// The bytes of a valid safetensors file.
func safetensors(_ tensors: [String: TestTensor]) -> [UInt8] {
    var entries: [String] = []
    var data: [UInt8] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
        let end = data.count + tensor.bytes.count
        entries.append(
            #""\#(name)":{"dtype":"\#(tensor.type)","shape":\#(tensor.shape),"#
                + #""data_offsets":[\#(data.count),\#(end)]}"#)
        data += tensor.bytes
    }
    return safetensors(header: "{" + entries.joined(separator: ",") + "}", data: data)
}

/// All tensors of a float32 safetensors file.
func readAll(_ path: String) throws -> [String: TestTensor] {
    let file = try Safetensors(path: path)
    var tensors: [String: TestTensor] = [:]
    for name in file.names {
        let (values, shape) = try file.values(of: name)
        tensors[name] = TestTensor(values, shape: shape)
    }
    return tensors
}

/// Checks that `body` fails with a `Failure` of one line that contains each of `parts`.
func expectError(
    _ kind: FailureKind, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    let error = #expect(throws: Failure.self, sourceLocation: sourceLocation) { try body() }
    guard let error else { return }
    #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    #expect(!error.description.contains("\n"), sourceLocation: sourceLocation)
    for part in parts {
        #expect(error.description.contains(part), "\(error)", sourceLocation: sourceLocation)
    }
}

extension Model {
    /// Where its matrices lie.
    var matrices: [StoredValues] {
        let tables = [tokenEmbedding.values, positionEmbedding?.values, unembedding.weight.values]
        return tables.compactMap { $0 }
            + layers.flatMap { layer in
                let (attention, mlp) = (layer.attention, layer.mlp)
                let maps = [
                    attention.query, attention.key, attention.value, attention.output, mlp.input,
                    mlp.output,
                ]
                return (maps + [mlp.gate].compactMap { $0 }).map(\.weight.values)
            }
    }

    /// All its weights by name, tied ones twice.
    func allWeights() -> [String: [Float]] {
        var all: [String: [Float]] = ["finalNorm": finalNorm.flat, "unembedding": unembedding.flat]
        all["tokens"] = tokenEmbedding.flat
        if let positionEmbedding { all["positions"] = positionEmbedding.flat }
        for (index, layer) in layers.enumerated() {
            let (attention, mlp) = (layer.attention, layer.mlp)
            all["\(index).norms"] =
                [
                    layer.attentionNorm, layer.mlpNorm, layer.postAttentionNorm, layer.postMLPNorm,
                    attention.queryNorm, attention.keyNorm,
                ].flatMap { $0?.flat ?? [] }
            all["\(index).query"] = attention.query.flat
            all["\(index).key"] = attention.key.flat
            all["\(index).value"] = attention.value.flat
            all["\(index).output"] = attention.output.flat
            all["\(index).mlp"] = (mlp.gate?.flat ?? []) + mlp.input.flat + mlp.output.flat
        }
        return all
    }
}

extension EmbeddingTable {
    /// Row by row.
    var flat: [Float] { (0..<count * dModel).map { values[$0] } }
}

extension NormWeights {
    /// Gain, then bias.
    var flat: [Float] { (gain?.array ?? []) + (bias?.array ?? []) }
}

extension Affine {
    /// Output by output, whatever the layout, then the bias.
    var flat: [Float] {
        var values: [Float] = []
        for output in 0..<weight.outputs {
            for input in 0..<weight.inputs { values.append(weight[input, output]) }
        }
        return values + (bias?.array ?? [])
    }
}
