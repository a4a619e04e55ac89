import Artifacts
import Basics
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("Activation caches") struct ActivationCacheTests {
    @Test(
        "A cache read from its file has the values that were written, mapped if they are float32",
        arguments: ActivationPrecision.allCases)
    func roundTrip(precision: ActivationPrecision) throws {
        let folder = try ScratchFolder()
        let sample = SampleCache(precision: precision)
        let digest = try sample.write(to: folder.path("c.h5"))
        let cache = try ActivationCache(folder.path("c.h5"))
        #expect(cache.digest == digest)
        #expect(cache.hooks == sample.shapes.keys.sorted())
        #expect(try cache.description == sample.description)
        #expect(cache.dataset.content == .sample)
        #expect(cache.dataset.provenance.records.count == 1)
        #expect(cache.provenance.records.count == 2)
        for run in ActivationRun.allCases {
            for (hook, shape) in sample.shapes {
                let activation = try cache.activation(named: hook, run: run)
                #expect(activation.shape == [3] + shape)
                #expect(activation.isMapped == (precision == .float32))
                #expect(activation.values() == sample.values(hook, run))
            }
        }
        #expect(try ArtifactFile(folder.path("c.h5")).check() == [])
    }

    /// Chunks, compression and the sizes of batches are no part of what a cache says.
    @Test("The digest depends on the content, not on compression or the sizes of batches")
    func digest() throws {
        let folder = try ScratchFolder()
        let plain = try SampleCache().write(to: folder.path("a.h5"))
        let compressed = try SampleCache(layout: .compressed(level: 4)).write(
            to: folder.path("b.h5"))
        #expect(plain == compressed)
        #expect(try SampleCache(precision: .float16).write(to: folder.path("c.h5")) != plain)
        let cache = try ActivationCache(folder.path("b.h5"))
        let activation = try cache.activation(named: "blocks.0.attn.hook_z", run: .corrupted)
        #expect(activation.values() == SampleCache().values("blocks.0.attn.hook_z", .corrupted))
        #expect(!activation.isMapped)
        #expect(try ArtifactFile(folder.path("b.h5")).check() == [])
    }

    @Test("A cache is reusable only for the same model, dataset, precision, hooks and positions")
    func reuse() throws {
        let folder = try ScratchFolder()
        let path = folder.path("c.h5")
        let sample = SampleCache()
        #expect(try !ActivationCache.isReusable(path, for: sample.description))
        try sample.write(to: path)
        #expect(try ActivationCache.isReusable(path, for: sample.description))

        var moved = try sample.description
        moved.model.path = "/elsewhere"
        moved.hookFilter = []
        #expect(ActivationCache.isReusable(path, for: moved))

        var other = try sample.description
        other.model.digest = String(repeating: "12", count: 32)
        #expect(!ActivationCache.isReusable(path, for: other))
        other = try sample.description
        other.datasetDigest = other.model.digest
        #expect(!ActivationCache.isReusable(path, for: other))
        other = try sample.description
        other.precision = .float16
        #expect(!ActivationCache.isReusable(path, for: other))
        other = try sample.description
        other.hooks.removeLast()
        #expect(!ActivationCache.isReusable(path, for: other))
        other = try sample.description
        other.positions.values[0] = 1
        #expect(!ActivationCache.isReusable(path, for: other))
    }

    @Test("What a norm gives, in a cache of 1.x, has its name of today, and isn't used again")
    func formerNames() throws {
        let folder = try ScratchFolder()
        let path = folder.path("c.h5")
        var sample = SampleCache()
        sample.shapes = [
            "blocks.0.ln1.hook_normalized": [3, 2], "blocks.0.ln2.hook_normalized": [3, 2],
            "ln_final.hook_normalized": [3, 2],
        ]
        try sample.write(to: path)
        #expect(try ActivationCache.isReusable(path, for: sample.description))
        try File.open(path, mode: .readWrite).root().setAttribute("schema_version", "1.0.0")
        #expect(try !ActivationCache.isReusable(path, for: sample.description))
        for _ in ["as it is", "migrated"] {
            let cache = try ActivationCache(path)
            #expect(
                cache.hooks == ["blocks.0.attn.hook_in", "blocks.0.mlp.hook_in", "unembed.hook_in"])
            #expect(
                try cache.activation(named: "blocks.0.mlp.hook_in", run: .clean).values()
                    == sample.values("blocks.0.ln2.hook_normalized", .clean))
            #expect(try ArtifactFile(path).check() == [])
            _ = try ArtifactFile(path).migrate { _ in
                ProvenanceStep(tool: "circuit-check", version: "1", arguments: ["--migrate"])
            }
        }
    }

    @Test(
        "Values that aren't finite, or won't be as they are stored, are refused with their place",
        arguments: [
            (Float.nan, ActivationPrecision.float32), (.infinity, .bfloat16), (65520, .float16),
            (Float.greatestFiniteMagnitude, .bfloat16),
        ])
    func overflow(value: Float, precision: ActivationPrecision) throws {
        let folder = try ScratchFolder()
        var sample = SampleCache(precision: precision)
        sample.shapes = ["hook_embed": [3, 2], "blocks.0.attn.hook_attn_scores": [2, 3, 3]]
        let dataset = try sample.dataset(in: folder)
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(folder.path("c.h5")), dataset: dataset,
            description: sample.description, shapes: sample.shapes)
        let scores: [Float] = Array(repeating: -.infinity, count: 3 * 18)
        try scores.withUnsafeBufferPointer {
            try writer.append($0, to: "blocks.0.attn.hook_attn_scores", run: .clean)
        }
        var values = [Float](repeating: 60000, count: 18)
        values[7] = value
        let error = #expect(throws: ArtifactError.self) {
            try values.withUnsafeBufferPointer {
                try writer.append($0, to: "hook_embed", run: .clean)
            }
        }
        #expect(error?.kind == .badData && error?.path == "/clean/hook_embed")
        #expect(error?.message.hasPrefix("a value of pair 1 is ") == true)
    }

    @Test("Scores of -infinity, where a query sees no key, are valid; other infinities aren't")
    func masks() throws {
        let folder = try ScratchFolder()
        let path = folder.path("c.h5")
        var sample = SampleCache()
        sample.shapes = ["blocks.0.attn.hook_attn_scores": [2, 3, 3]]
        try sample.write(to: path)
        func check(with value: Float) throws -> [Diagnostic] {
            let file = try File.open(path, mode: .readWrite)
            let dataset = try file.root().dataset("clean/blocks.0.attn.hook_attn_scores")
            var values = try dataset.read(as: Float.self)
            values[3] = value
            try dataset.write(values)
            dataset.close()
            try file.close()
            return try ArtifactFile(path).check().filter { $0.message.contains("infinite") }
        }
        #expect(try check(with: -.infinity).isEmpty)
        #expect(try check(with: .infinity).count == 1)
        #expect(try check(with: .nan).count == 1)
    }

    @Test("A writer that is released before it has finished leaves no file")
    func unfinishedWriter() throws {
        let folder = try ScratchFolder()
        try DatasetArtifact.sample.write(
            to: ArtifactOutput(folder.path("d.h5")), provenance: .sample())
        do {
            let writer = try ActivationCacheWriter(
                to: ArtifactOutput(folder.path("c.h5")),
                dataset: .read(folder.path("d.h5")), description: SampleCache().description,
                shapes: SampleCache().shapes)
            #expect(try folder.names().count == 2)
            #expect(throws: ArtifactError.self) { try writer.finish(provenance: .sample()) }
        }
        #expect(try folder.names() == ["d.h5"])
    }

    @Test("Batches that are not whole pairs, too many pairs and unknown hooks are refused")
    func wrongBatches() throws {
        let folder = try ScratchFolder()
        try DatasetArtifact.sample.write(
            to: ArtifactOutput(folder.path("d.h5")), provenance: .sample())
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(folder.path("c.h5")), dataset: .read(folder.path("d.h5")),
            description: SampleCache().description, shapes: SampleCache().shapes)
        let values = [Float](repeating: 0, count: 4 * 3 * 8)
        for count in [1, 3 * 8 + 1, 4 * 3 * 8] {
            values.withUnsafeBufferPointer { all in
                let batch = UnsafeBufferPointer(rebasing: all[..<count])
                #expect(throws: ArtifactError.self) {
                    try writer.append(batch, to: "blocks.0.hook_resid_pre", run: .clean)
                }
            }
        }
        values.withUnsafeBufferPointer { all in
            _ = #expect(throws: ArtifactError.self) {
                try writer.append(all, to: "no.hook", run: .clean)
            }
        }
    }

    @Test("A check finds activations that were changed")
    func changedActivations() throws {
        let folder = try ScratchFolder()
        let path = folder.path("c.h5")
        try SampleCache().write(to: path)
        do {
            let file = try File.open(path, mode: .readWrite)
            let dataset = try file.root().dataset("clean/blocks.0.attn.hook_z")
            try dataset.write([Float](repeating: 1, count: 24), rows: 1..<2)
        }
        let errors = try ArtifactFile(path).check().filter { $0.severity == .error }
        #expect(errors.map(\.path) == ["/clean/blocks.0.attn.hook_z", "/@digest"])
    }

    @Test("Asking for a hook that the cache lacks is missing input, with advice")
    func missingHook() throws {
        let folder = try ScratchFolder()
        try SampleCache().write(to: folder.path("c.h5"))
        let cache = try ActivationCache(folder.path("c.h5"))
        let error = #expect(throws: ArtifactError.self) {
            try cache.activation(named: "blocks.9.hook_mlp_out", run: .clean)
        }
        #expect(error?.kind == .missingInput)
        #expect(error?.message.contains("circuit-cache --names") == true)
    }

    @Test("bfloat16 rounds to nearest, ties to even")
    func bfloat16() throws {
        // 1 + 2^-8 lies halfway between two bfloat16 numbers, and goes to the even one.
        let inputs: [Float] = [
            1, 1.00390625, 1.01171875, -3.0e38, Float(bitPattern: 0x0001_16C2),
        ]
        let folder = try ScratchFolder()
        var sample = SampleCache(precision: .bfloat16)
        sample.shapes = ["hook_embed": [3, inputs.count]]
        try DatasetArtifact.sample.write(
            to: ArtifactOutput(folder.path("d.h5")), provenance: .sample())
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(folder.path("c.h5")), dataset: .read(folder.path("d.h5")),
            description: sample.description, shapes: sample.shapes)
        for run in ActivationRun.allCases {
            let all = Array(repeatElement(inputs, count: 9).joined())
            try all.withUnsafeBufferPointer { try writer.append($0, to: "hook_embed", run: run) }
        }
        try writer.finish(provenance: .sample())
        let values = try ActivationCache(folder.path("c.h5"))
            .activation(named: "hook_embed", run: .clean).values().prefix(inputs.count)
        #expect(values.prefix(3) == [1, 1, 1.015625])
        #expect(values[3] == Float(bitPattern: 0xFF62_0000))
        #expect(values[4] == Float(bitPattern: 0x0001_0000))
    }
}

extension Artifact<DatasetArtifact> {
    fileprivate static func read(_ path: String) throws -> Artifact {
        try DatasetArtifact.read(from: path)
    }
}
