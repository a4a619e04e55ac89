import Artifacts
import TestSupport

/// A small activation cache of the sample dataset, with values that every precision holds exactly.
struct SampleCache {
    var precision = ActivationPrecision.float32
    var layout = ActivationLayout.contiguous
    var shapes = [
        "blocks.0.attn.hook_z": [3, 2, 4], "blocks.0.hook_resid_pre": [3, 8],
        "blocks.0.attn.hook_pattern": [2, 3, 3],
    ]

    var description: ActivationCacheDescription {
        get throws {
            ActivationCacheDescription(
                model: .sample, datasetDigest: try DatasetArtifact.sample.digest(),
                precision: precision, hooks: Array(shapes.keys), hookFilter: ["hook_*"],
                positions: ActivationCacheDescription.allPositions(
                    lengths: DatasetArtifact.sample.lengths))
        }
    }

    /// The activations of all pairs.
    func values(_ hook: String, _ run: ActivationRun) -> [Float] {
        let width = shapes[hook]?.reduce(1, *) ?? 0
        let sign: Float = run == .clean ? 1 : -1
        return (0..<3 * width).map { sign * Float(($0 * 7 + hook.utf8.count) % 128) / 4 }
    }

    /// The dataset, written and read.
    func dataset(in folder: borrowing ScratchFolder) throws -> Artifact<DatasetArtifact> {
        try DatasetArtifact.sample.write(
            to: ArtifactOutput(folder.path("d.h5")), provenance: .sample())
        return try DatasetArtifact.read(from: folder.path("d.h5"))
    }

    /// Writes the cache in two batches, of two pairs and of one.
    @discardableResult
    func write(to path: String) throws -> String {
        let dataset = try dataset(in: ScratchFolder())
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(path), dataset: dataset, description: description, shapes: shapes,
            layout: layout)
        for pairs in [0..<2, 2..<3] {
            for hook in shapes.keys {
                for run in ActivationRun.allCases {
                    let all = values(hook, run)
                    let width = all.count / 3
                    let batch = Array(all[pairs.lowerBound * width..<pairs.upperBound * width])
                    try batch.withUnsafeBufferPointer {
                        try writer.append($0, to: hook, run: run)
                    }
                }
            }
        }
        return try writer.finish(
            provenance: .appending(
                ProvenanceStep(
                    tool: "circuit-cache", version: "0.1.0", arguments: ["-"],
                    inputs: [dataset.input("dataset")], time: "2026-01-01T00:00:01Z"),
                to: [dataset.provenance]))
    }
}
