import Artifacts
import Basics
import Engine
import ExperimentSupport
import Experiments
import Foundation
import TestSupport
import Testing

/// Activations written to a cache and taken from it again.
@Suite("Cached activations")
struct CachedActivationsTests {
    private func write(
        _ experiment: ReferencePairs, to path: String, names: [String]? = nil,
        positions: String? = nil, precision: ActivationPrecision = .float32,
        layout: ActivationLayout = .contiguous, batchSize: Int? = nil
    ) throws -> ActivationCache {
        let folder = try ScratchFolder()
        var content = experiment.dataset
        content.model = .sample
        let provenance = try Provenance.sample()
        try content.write(to: ArtifactOutput(folder.path("d.h5")), provenance: provenance)
        let dataset = try DatasetArtifact.read(from: folder.path("d.h5"))
        let configuration = experiment.transformer.configuration
        let points =
            try names.map { try HookSelection.points(matching: $0, in: configuration) }
            ?? HookSelection.senders(of: configuration)
        let selection = try positions.map { try PositionSelection($0) } ?? .all
        let recorder = try ActivationRecorder(
            points, at: try selection.positions(in: content), of: content,
            with: experiment.transformer, batchSize: batchSize)
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(path), dataset: dataset,
            description: ActivationCacheDescription(
                model: content.model, datasetDigest: dataset.digest, precision: precision,
                hooks: points.map(\.name), positionFilter: selection.texts,
                positions: recorder.positions), shapes: recorder.shapes, layout: layout)
        try recorder.run { batch in
            for (point, values) in batch.activations {
                try writer.append(
                    UnsafeBufferPointer(start: values.values, count: values.count),
                    to: point.name, run: batch.run)
            }
        }
        try writer.finish(provenance: provenance)
        return try ActivationCache(path)
    }

    private func greatestDifference(_ a: SenderOutputs, _ b: SenderOutputs) -> Float {
        zip([a.input] + a.z + a.mlp, [b.input] + b.z + b.mlp).reduce(0) { largest, buffers in
            guard buffers.0.count == buffers.1.count else { return .infinity }
            return zip(buffers.0.array, buffers.1.array).reduce(largest) {
                max($0, abs($1.0 - $1.1))
            }
        }
    }

    @Test(
        "A cache gives back the model's activations",
        arguments: [
            ("tiny-gpt2", "pairs", 0), ("tiny-gpt2", "ragged", 0), ("tiny-gemma2", "ragged", 0),
            ("tiny-gpt-neox", "pairs", 0), ("tiny-llama-gqa", "pairs", 2),
        ])
    func roundTrip(family: String, file: String, compression: Int) throws {
        let folder = try ScratchFolder()
        let experiment = try ReferencePairs(family, file: file)
        let cache = try write(
            experiment, to: folder.path("c.h5"),
            layout: compression > 0 ? .compressed(level: compression) : .contiguous)
        let cached = try PairActivations(cache, transformer: experiment.transformer)
        #expect(cached.dataset.clean == experiment.dataset.clean)
        #expect(cached.clean.layout == experiment.clean.layout)
        #expect(greatestDifference(cached.clean, experiment.clean) == 0)
        #expect(greatestDifference(cached.corrupted, experiment.corrupted) == 0)
        let logits = zip(cached.cleanLogits.array, experiment.cleanLogits.array)
        #expect(cached.cleanLogits.count == experiment.cleanLogits.count)
        #expect(logits.allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test(
        "Activations cached in half precision differ by rounding only",
        arguments: [ActivationPrecision.bfloat16, .float16])
    func halfPrecision(precision: ActivationPrecision) throws {
        let folder = try ScratchFolder()
        let experiment = try ReferencePairs("tiny-llama")
        let cache = try write(experiment, to: folder.path("c.h5"), precision: precision)
        let cached = try PairActivations(cache, transformer: experiment.transformer)
        let largest = experiment.clean.input.array.map(abs).max() ?? 0
        let difference = greatestDifference(cached.clean, experiment.clean)
        #expect(difference > 0 && difference < 0.1 * max(1, largest))
    }

    @Test("The batch size doesn't change a cache's digest")
    func batches() throws {
        let folder = try ScratchFolder()
        let experiment = try ReferencePairs("tiny-gpt2", file: "ragged")
        let digests = try [1, 2, 100].map { (size: Int) in
            try write(experiment, to: folder.path("\(size).h5"), batchSize: size).digest
        }
        #expect(Set(digests).count == 1)
    }

    @Test("Attention patterns of ragged prompts have the key axis of the longest prompt")
    func patterns() throws {
        let folder = try ScratchFolder()
        let experiment = try ReferencePairs("tiny-gpt2", file: "ragged")
        let cache = try write(
            experiment, to: folder.path("c.h5"), names: ["blocks.1.attn.hook_pattern"])
        let activation = try cache.activation(named: "blocks.1.attn.hook_pattern", run: .clean)
        let lengths = experiment.dataset.lengths
        let longest = try #require(lengths.max())
        #expect(activation.shape == [lengths.count, 4, longest, longest])
        let sums = stride(from: 0, to: activation.count, by: longest).map { first in
            activation.values()[first..<first + longest].reduce(0, +)
        }
        for (pair, length) in lengths.enumerated() {
            for row in 0..<longest * 4 {
                let (sum, position) = (sums[pair * longest * 4 + row], row % longest)
                #expect(abs(sum - (position < length ? 1 : 0)) < 1e-5)
            }
        }
    }

    @Test("A cache without some hooks or positions, or of another model, is refused")
    func incompleteCaches() throws {
        let folder = try ScratchFolder()
        let experiment = try ReferencePairs("tiny-gpt2")
        let few = try write(
            experiment, to: folder.path("few.h5"),
            names: ["blocks.*.attn.hook_z", "blocks.0.hook_resid_pre"])
        let missing = #expect(throws: Failure.self) {
            try PairActivations(few, transformer: experiment.transformer)
        }
        #expect(missing?.description.contains("blocks.0.hook_mlp_out and 2 more hooks") == true)
        let short = try write(experiment, to: folder.path("short.h5"), positions: "-2:")
        let position = #expect(throws: Failure.self) {
            try PairActivations(short, transformer: experiment.transformer)
        }
        #expect(position?.description.contains("only the positions -2:") == true)
        let whole = try write(experiment, to: folder.path("whole.h5"))
        let other = try ReferencePairs("tiny-llama-gqa").transformer
        #expect(throws: Failure.self) { try PairActivations(whole, transformer: other) }
    }
}
