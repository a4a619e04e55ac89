import Artifacts
import Basics
import Foundation
import HDF5
import TestSupport
import Testing

/// Caches whose writer was killed. What a killed process leaves is made by copying the file while the
/// writer has it open: what was written by then was handed to the system.
@Suite("Unfinished activation caches") struct UnfinishedCacheTests {
    private let sample = SampleCache()

    private func writer(
        _ path: String, _ dataset: Artifact<DatasetArtifact>, _ sample: SampleCache? = nil,
        resuming: Bool = true
    ) throws -> ActivationCacheWriter {
        let sample = sample ?? self.sample
        return try ActivationCacheWriter(
            to: ArtifactOutput(path), dataset: dataset, description: sample.description,
            shapes: sample.shapes, layout: sample.layout, resuming: resuming)
    }

    private func append(
        _ pairs: Range<Int>, _ run: ActivationRun, to writer: ActivationCacheWriter,
        hooks: [String]? = nil
    ) throws {
        for hook in hooks ?? sample.shapes.keys.sorted() {
            let all = sample.values(hook, run)
            let width = all.count / 3
            let batch = Array(all[pairs.lowerBound * width..<pairs.upperBound * width])
            try batch.withUnsafeBufferPointer { try writer.append($0, to: hook, run: run) }
        }
    }

    /// A process that isn't there.
    private let deadProcess = 4_194_303

    /// Writes batches with `body`, and puts what a kill would leave beside the output.
    private func leave(
        _ path: String, _ dataset: Artifact<DatasetArtifact>,
        as layout: ActivationLayout = .contiguous, _ body: (ActivationCacheWriter) throws -> Void
    ) throws -> String {
        var sample = sample
        sample.layout = layout
        let writer = try writer(path + ".other", dataset, sample)
        try body(writer)
        let partial = try #require(writer.partialPath)
        let left = path + ".\(deadProcess).partial"
        try FileManager.default.copyItem(atPath: partial, toPath: left)
        return left
    }

    private static let layouts = [ActivationLayout.contiguous, .compressed(level: 1)]

    @Test(
        "A writer goes on after the last whole batch, and the cache is the same", arguments: layouts
    )
    func resuming(layout: ActivationLayout) throws {
        var sample = sample
        sample.layout = layout
        let folder = try ScratchFolder()
        let dataset = try sample.dataset(in: folder)
        let digest = try sample.write(to: folder.path("whole.h5"))
        let path = folder.path("c.h5")
        let left = try leave(path, dataset, as: layout) { writer in
            try append(0..<2, .clean, to: writer)
            try append(0..<2, .corrupted, to: writer)
            try append(2..<3, .clean, to: writer)
            // A batch that isn't whole.
            try append(2..<3, .corrupted, to: writer, hooks: ["blocks.0.hook_resid_pre"])
        }
        let error = #expect(throws: ArtifactError.self) { try ActivationCache(left) }
        #expect(error?.message.contains("incomplete") == true)
        let resumed = try writer(path, dataset, sample)
        #expect(!FileManager.default.fileExists(atPath: left))
        #expect(resumed.writtenPairs(of: .clean) == 3 && resumed.writtenPairs(of: .corrupted) == 2)
        try append(2..<3, .corrupted, to: resumed)
        let chain = try ActivationCache(folder.path("whole.h5")).provenance
        #expect(try resumed.finish(provenance: chain) == digest)
        #expect(try ArtifactFile(path).check() == [])
        let root = try File.open(path).root()
        #expect(try !root.contains("progress"))
    }

    @Test(
        "What a crash of the system lost is found, and the file is cut before it",
        arguments: layouts)
    func damagedBatch(layout: ActivationLayout) throws {
        var sample = sample
        sample.layout = layout
        let folder = try ScratchFolder()
        let dataset = try sample.dataset(in: folder)
        let path = folder.path("c.h5")
        let left = try leave(path, dataset, as: layout) { writer in
            for pair in 0..<3 {
                for run in ActivationRun.allCases { try append(pair..<pair + 1, run, to: writer) }
            }
        }
        do {
            let file = try File.open(left, mode: .readWrite)
            let lost = try file.root().dataset("clean/blocks.0.hook_resid_pre")
            try lost.write([Float](repeating: 0, count: 24), rows: 1..<2)
        }
        let cut = try UnfinishedCache(cutting: left)
        #expect(cut?.pairCount == 3 && cut?.cleanCount == 1 && cut?.corruptedCount == 3)
        let resumed = try writer(path, dataset, sample)
        #expect(resumed.writtenPairs(of: .clean) == 1 && resumed.writtenPairs(of: .corrupted) == 3)
        try append(1..<3, .clean, to: resumed)
        try resumed.finish(provenance: .sample())
        #expect(try ArtifactFile(path).check() == [])
        #expect(try ActivationCache(path).digest == sample.write(to: folder.path("whole.h5")))
    }

    @Test("What is left of other inputs, or is no cache, isn't gone on with")
    func others() throws {
        let folder = try ScratchFolder()
        let dataset = try sample.dataset(in: folder)
        let path = folder.path("c.h5")
        let write = { (writer: ActivationCacheWriter) in
            for run in ActivationRun.allCases { try append(0..<1, run, to: writer) }
        }
        var other = sample
        other.precision = .bfloat16
        for attempt in 0..<3 {
            let left = try leave(path, dataset, write)
            if attempt == 2 {
                try Data(contentsOf: URL(filePath: left)).prefix(3000).write(
                    to: URL(filePath: left))
                #expect(try UnfinishedCache(cutting: left) == nil)
            }
            let fresh = try writer(
                path, dataset, attempt == 0 ? other : sample, resuming: attempt != 1)
            #expect(fresh.writtenPairs(of: .clean) == 0)
            #expect(!FileManager.default.fileExists(atPath: left))
        }
        try sample.write(to: path)
        #expect(try UnfinishedCache(cutting: path) == nil)
        #expect(try UnfinishedCache(cutting: folder.path("none")) == nil)
    }

    @Test(
        "A compressed cache isn't gone on with as one that isn't compressed, nor with another level"
    )
    func otherLayout() throws {
        let folder = try ScratchFolder()
        let dataset = try sample.dataset(in: folder)
        let path = folder.path("c.h5")
        for layout in [ActivationLayout.contiguous, .compressed(level: 9)] {
            _ = try leave(path, dataset, as: .compressed(level: 1)) { writer in
                for run in ActivationRun.allCases { try append(0..<1, run, to: writer) }
            }
            var other = sample
            other.layout = layout
            #expect(try writer(path, dataset, other).writtenPairs(of: .clean) == 0)
        }
    }

    @Test("Compressed chunks lie close together: a cache of short prompts gets smaller")
    func packedChunks() throws {
        let folder = try ScratchFolder()
        let dataset = try sample.dataset(in: folder)
        var sizes: [Int] = []
        for layout in Self.layouts {
            var sample = sample
            // Chunks of 6240 bytes, of which deflation leaves about 4500: more than a page.
            (sample.shapes, sample.layout) = (["blocks.0.hook_resid_pre": [3, 520]], layout)
            let path = folder.path("c\(sizes.count).h5")
            let writer = try writer(path, dataset, sample)
            var number: UInt64 = 1
            for run in ActivationRun.allCases {
                let values = (0..<4680).map { _ in
                    number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return 1 + Float(number >> 41) / Float(1 << 23)
                }
                try values.withUnsafeBufferPointer {
                    try writer.append($0, to: "blocks.0.hook_resid_pre", run: run)
                }
            }
            try writer.finish(provenance: .sample())
            #expect(try ArtifactFile(path).check() == [])
            sizes.append(try Data(contentsOf: URL(filePath: path)).count)
        }
        #expect(sizes[1] < sizes[0], "\(sizes)")
    }

    @Test("A cache that is changed while it is open is told from one that isn't")
    func changedFile() throws {
        let folder = try ScratchFolder()
        let path = folder.path("c.h5")
        try sample.write(to: path)
        let file = try ArtifactFile(path)
        try file.requireUnchanged()
        // Replaced as our tools do it, the open file stays what it was.
        try sample.write(to: path)
        try file.requireUnchanged()
        let second = try ArtifactFile(path)
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.seek(toOffset: 5000)
        try handle.write(contentsOf: Data([1]))
        try handle.close()
        let error = #expect(throws: ArtifactError.self) { try second.requireUnchanged() }
        #expect(error?.kind == .badData && error?.file == path)
    }
}
