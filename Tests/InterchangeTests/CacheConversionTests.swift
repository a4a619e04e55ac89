import Artifacts
import Basics
import Foundation
import Interchange
import TestSupport
import Testing

@Suite("Activations as safetensors and npz")
struct CacheConversionTests {
    @Test("Files that Python wrote become caches", arguments: ["cache.safetensors", "cache.npz"])
    func reading(name: String) throws {
        let converting = Converting()
        let like = try converting.store(DatasetArtifact.sample)
        let (path, _) = try converting.read(Converting.fixture(name), like: like)
        let cache = try ActivationCache(path)
        #expect(cache.hooks == ["blocks.0.attn.hook_z", "blocks.0.hook_resid_pre"])
        #expect(cache.description.precision == .float32)
        let values = try cache.activation(named: "blocks.0.attn.hook_z", run: .corrupted).values()
        #expect(values.prefix(3) == [0, -0.25, -0.5] && values.count == 72)
        // The second prompt has two tokens: what stands behind them is padding.
        #expect(values[5 * 8..<6 * 8].allSatisfy { $0 == 0 } && values[6 * 8] == -12)
        let report = try ArtifactFile(path).check()
        #expect(report.isEmpty, "\(report)")
    }

    @Test(
        "A cache comes back with the same values, in each number type",
        arguments: ["safetensors", "npz"], ["float32", "float16", "bfloat16"])
    func writing(format: String, precision: String) throws {
        let converting = Converting()
        let dataset = try converting.store(DatasetArtifact.sample)
        let source = try converting.read(Converting.fixture("cache.npz"), like: dataset).path
        let path = converting.folder.path("typed.h5")
        let cache = try ActivationCache(source)
        var description = cache.description
        description.precision = try #require(ActivationPrecision(rawValue: precision))
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(path), dataset: cache.dataset, description: description,
            shapes: cache.shapes.mapValues { Array($0.dropFirst()) })
        for hook in cache.hooks {
            for run in ActivationRun.allCases {
                try cache.activation(named: hook, run: run).withUnsafeBufferPointer {
                    try writer.append($0, to: hook, run: run)
                }
            }
        }
        try writer.finish(provenance: cache.provenance)
        let written = try converting.write(path, as: format)
        #expect(
            written.remarks.contains { $0.contains("bfloat16 became float32") }
                == (format == "npz" && precision == "bfloat16"))
        let again = try ActivationCache(converting.read(written.path, like: dataset).path)
        for hook in cache.hooks {
            for run in ActivationRun.allCases {
                #expect(
                    try again.activation(named: hook, run: run).values()
                        == ActivationCache(path).activation(named: hook, run: run).values())
            }
        }
    }

    @Test("A pattern's rows behind the end of a prompt become 0, and scores stay -infinity")
    func attentionMaps() throws {
        let converting = Converting()
        // Three pairs of three positions, the second of two; one head.
        let hooks = ["blocks.0.attn.hook_attn_scores", "blocks.0.attn.hook_pattern"]
        var (header, numbers) = ("{", [Float]())
        for name in ["clean", "corrupted"].flatMap({ run in hooks.map { run + "/" + $0 } }) {
            let start = numbers.count * 4
            header += header == "{" ? "" : ","
            header += "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[3,1,3,3],"
            header += "\"data_offsets\":[\(start),\(start + 27 * 4)]}"
            let fill: Float = name.hasSuffix("scores") ? -.infinity : 0.25
            numbers += [Float](repeating: fill, count: 27)
        }
        let text = Array((header + "}").utf8)
        let length = [UInt8(text.count & 0xFF), UInt8(text.count >> 8), 0, 0, 0, 0, 0, 0]
        let path = converting.folder.path("maps.safetensors")
        try Data(length + text + numbers.withUnsafeBytes(Array.init)).write(to: URL(filePath: path))
        let made = try converting.read(path, like: converting.store(DatasetArtifact.sample))
        let cache = try ActivationCache(made.path)
        let pattern = try cache.activation(named: hooks[1], run: .clean).values()
        #expect(pattern == (0..<27).map { 15..<18 ~= $0 ? 0 : 0.25 })
        #expect(
            try cache.activation(named: hooks[0], run: .clean).values()
                == [Float](repeating: -.infinity, count: 27))
    }

    @Test("Files that don't fit the dataset, or are damaged, are refused")
    func misfits() throws {
        let converting = Converting()
        let like = try converting.store(
            DatasetArtifact.sample.selecting([0, 1]))
        for name in ["cache.safetensors", "cache.npz"] {
            let error = #expect(throws: Failure.self) {
                try converting.read(Converting.fixture(name), like: like)
            }
            #expect(error?.description.contains("2 pairs") == true, "\(error?.description ?? "")")
            let none = #expect(throws: Failure.self) {
                try converting.read(Converting.fixture(name))
            }
            #expect(none?.kind == .usage)
            let whole = try Data(at: Converting.fixture(name))
            let path = converting.folder.path(name)
            for cut in stride(from: 1, to: 64, by: 5) {
                try whole.prefix(whole.count * cut / 64).write(to: URL(filePath: path))
                #expect(throws: (any Error).self) {
                    try converting.read(path, like: converting.store(DatasetArtifact.sample))
                }
            }
        }
    }

    @Test(
        "Arrays that are no activations of the dataset are bad data that names them",
        arguments: [
            ("corrupted/blocks.0.hook_resid_pre", "corrupted/other", "blocks.0.hook_resid_pre"),
            ("clean/blocks.0.attn.hook_z", "dirty/blocks.0.attn.hook_z", "no activation"),
            ("\"F32\",\"shape\":[3,3,8]", "\"F64\",\"shape\":[3,3,8]", "F64"),
        ])
    func foreignNames(old: String, new: String, named: String) throws {
        let converting = Converting()
        let whole = try Data(at: Converting.fixture("cache.safetensors"))
        let length = Int(whole[0]) | Int(whole[1]) << 8
        var header = String(decoding: whole[8..<8 + length], as: UTF8.self)
        let place = try #require(header.range(of: old))
        header.replaceSubrange(place, with: new)
        let count = header.utf8.count
        let path = converting.folder.path("x.safetensors")
        try
            (Data([UInt8(count & 0xFF), UInt8(count >> 8), 0, 0, 0, 0, 0, 0]) + Data(header.utf8)
            + whole[(8 + length)...]).write(to: URL(filePath: path))
        let error = #expect(throws: Failure.self) {
            try converting.read(path, like: converting.store(DatasetArtifact.sample))
        }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
    }
}
