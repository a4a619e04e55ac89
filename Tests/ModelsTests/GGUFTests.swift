import Basics
import Foundation
import Models
import Testing

@Suite("GGUF files")
struct GGUFTests {
    let folder: TemporaryFolder
    let whole: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        whole = Array(try Data(contentsOf: URL(filePath: fixture("models/tiny-llama-gqa.gguf"))))
    }

    /// Also where GGUF has the rows of q and k in another order, or Gemma's gains with 1 added.
    @Test(
        "A GGUF file has the weights and the configuration of its Hugging Face folder",
        arguments: [
            "tiny-llama-gqa", "tiny-qwen2", "tiny-gemma2", "tiny-gpt2", "tiny-gpt-neox",
            "tiny-gemma",
            "tiny-gemma3", "tiny-qwen3", "tiny-olmo2", "tiny-phi3", "tiny-smollm3",
        ])
    func huggingFaceFolder(_ name: String) throws {
        let folder = try Model.load(fixture("models/\(name)"))
        let file = try Model.load(fixture("models/\(name).gguf"))
        let expected = folder.allWeights()
        for (part, values) in file.allWeights() {
            #expect(values == expected[part], "\(part) of \(name)")
        }
        var configuration = file.configuration
        // GGUF keeps these as float32, or as factors of the frequencies: equal but for rounding.
        #expect(close(configuration, folder.configuration))
        configuration.positions = folder.configuration.positions
        configuration.attentionScale = folder.configuration.attentionScale
        #expect(configuration == folder.configuration)
    }

    private func close(_ a: ModelConfiguration, _ b: ModelConfiguration) -> Bool {
        if a.positions == b.positions, a.attentionScale == b.attentionScale { return true }
        guard case .rotary(let left) = a.positions, case .rotary(let right) = b.positions else {
            return false
        }
        return left.dimensions == right.dimensions && left.pairing == right.pairing
            && abs(left.magnitude - right.magnitude) <= 1e-6
            && left.longestPrompt == right.longestPrompt
            && zip(left.inverseFrequencies, right.inverseFrequencies)
                .allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) }
            && abs(a.attentionScale - b.attentionScale) <= 1e-6 * b.attentionScale
    }

    @Test("A file that isn't GGUF is refused")
    func otherFormat() throws {
        let path = try folder.write(Array("GGML".utf8) + whole.dropFirst(4), as: "a.gguf")
        expectError(.badData, path, "GGUF") { _ = try Model.load(path) }
        let empty = try folder.write([], as: "empty.gguf")
        expectError(.badData, empty, "GGUF") { _ = try Model.load(empty) }
    }

    @Test("Unsupported versions are refused", arguments: [1, 4, 0x0300_0000])
    func otherVersions(_ version: UInt32) throws {
        let path = try folder.write(
            whole[..<4] + littleEndian(version) + whole[8...], as: "a.gguf")
        expectError(.badData, path, "version") { _ = try Model.load(path) }
    }

    /// Cut anywhere, in the metadata, the list of tensors or the data, it is an error and no crash.
    @Test("A file that is cut off is refused")
    func truncation() throws {
        let lengths = [5, 8, 23, 24, 40, 100, 500, 1000, 2000, whole.count / 2, whole.count - 1]
        for length in lengths {
            let path = try folder.write(whole[..<length], as: "a.gguf")
            expectError(.badData, path, "cut off") { _ = try Model.load(path) }
        }
    }

    /// Any byte of the header may be anything: the file is read, or refused.
    @Test("A file with a damaged header is read or refused, and never crashes the reader")
    func damagedHeaders() throws {
        var generator = SplitMix(state: 1)
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 4..<2600, using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            let path = try folder.write(bytes, as: "a.gguf")
            do {
                let model = try Model.load(path)
                #expect(model.layers.count == model.configuration.nLayers)
            } catch {
                #expect(error.description.contains(path))
            }
        }
    }

    @Test(
        "Impossible counts and lengths in the header are refused",
        arguments: [
            // The largest counts of tensors and pairs, and lengths of a key, a string and arrays.
            littleEndian(UInt64.max) + littleEndian(UInt64(0)),
            littleEndian(UInt64(0)) + littleEndian(UInt64.max),
            littleEndian(UInt64(0)) + littleEndian(UInt64(1)) + littleEndian(UInt64.max),
            littleEndian(UInt64(0)) + littleEndian(UInt64(1)) + littleEndian(UInt64(1)) + [97]
                + littleEndian(UInt32(8)) + littleEndian(UInt64.max),
            littleEndian(UInt64(0)) + littleEndian(UInt64(1)) + littleEndian(UInt64(1)) + [97]
                + littleEndian(UInt32(9)) + littleEndian(UInt32(12)) + littleEndian(UInt64.max),
            littleEndian(UInt64(0)) + littleEndian(UInt64(1)) + littleEndian(UInt64(1)) + [97]
                + littleEndian(UInt32(9)) + littleEndian(UInt32(8)) + littleEndian(UInt64.max),
        ])
    func impossibleSizes(_ header: [UInt8]) throws {
        let path = try folder.write(
            Array("GGUF".utf8) + littleEndian(UInt32(3)) + header, as: "a.gguf")
        expectError(.badData, path, "cut off") { _ = try GGUFFile(path: path) }
    }

    @Test("Tensors that lie over each other are refused: a small file could fill the memory")
    func overlap() throws {
        func tensor(_ name: String) -> [UInt8] {
            littleEndian(UInt64(1)) + Array(name.utf8) + littleEndian(UInt32(1))
                + littleEndian(UInt64(64)) + littleEndian(UInt32(0)) + littleEndian(UInt64(0))
        }
        func file(_ names: [String]) -> [UInt8] {
            let header =
                Array("GGUF".utf8) + littleEndian(UInt32(3)) + littleEndian(UInt64(names.count))
                + littleEndian(UInt64(0)) + names.flatMap(tensor)
            let padding = [UInt8](repeating: 0, count: (32 - header.count % 32) % 32)
            return header + padding + [UInt8](repeating: 0, count: 256)
        }
        #expect(try GGUFFile(path: folder.write(file(["a"]), as: "a.gguf")).names == ["a"])
        let path = try folder.write(file(["a", "b", "c"]), as: "b.gguf")
        expectError(.badData, path, "where another does") { _ = try GGUFFile(path: path) }
    }

    @Test("A file of an unknown model family is refused")
    func unknownFamily() throws {
        expectError(.badData, "none", "unknown model family") {
            _ = try Model.load(fixture("gguf/blocks.gguf"))
        }
    }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
