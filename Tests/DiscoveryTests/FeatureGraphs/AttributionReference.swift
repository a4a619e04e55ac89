import Discovery
import Engine
import Foundation
import Graphs
import Models
import TestSupport

/// What the reference implementation says of a set of `fixtures/attribution`.
struct AttributionReference {
    /// The cases with all active features.
    static let cases = [
        "qwen2-relu", "gemma2-jumprelu", "gemma2-skip", "llama-skip", "gpt2-topk", "gpt2-clt",
        "qwen2-clt", "qwen3-jumprelu", "neox-relu", "neox-skip", "neox-clt", "gemma3-skip",
        "gemma3-clt", "olmo2-relu",
    ]
    /// The same weights in other layouts: the set, and whose values they have.
    static let layouts = [("gemma-scope-2", "gemma2-skip"), ("gemma-scope-1", "gemma-scope-1")]
    static let prompt: [Int32] = [2, 17, 33, 45, 9, 17]

    private let file: Safetensors

    init(_ name: String) throws {
        file = try Safetensors(path: Fixture.path("attribution/expected/\(name).safetensors"))
    }

    /// An array's values.
    func callAsFunction(_ name: String) throws -> [Float] { try file.values(of: name).values }

    /// The set of a case.
    static func set(_ name: String) throws -> TranscoderSet {
        try TranscoderSet(Fixture.path("attribution/sets/\(name)"))
    }

    /// The sources of a case on the prompt.
    static func sources(
        _ name: String, threads: Int = 2, mostKeptBytes: Int? = nil
    ) throws -> FeatureSources {
        let set = try set(name)
        let model = name.hasPrefix("gemma-scope") ? "tiny-gemma2" : set.modelName ?? ""
        let transformer = try Transformer(
            Model.load(Fixture.path("models/\(model)")), pool: WorkerPool(threads: threads))
        return try FeatureSources(
            FrozenRun(prompt, with: transformer, outputHook: set.outputHook), set,
            mostKeptBytes: mostKeptBytes)
    }

    /// The graph of a case, with circuit-tracer's defaults.
    static func graph(
        _ name: String, limit: FeatureGraphBuilder.Limit = .init(), threads: Int = 2,
        mostKeptBytes: Int? = nil
    ) throws -> FeatureGraph {
        let sources = try sources(name, threads: threads, mostKeptBytes: mostKeptBytes)
        return try FeatureGraphBuilder(
            sources, targets: AttributionTargets(likeliest: 10, mass: 0.95, after: sources.run)
        ).graph(limit)
    }
}

extension FeatureGraph {
    /// The effects as a whole matrix, rows targets.
    var dense: [Float] {
        var matrix = [Float](repeating: 0, count: nodeCount * nodeCount)
        for row in 0..<nodeCount {
            for edge in effects.row(row) {
                matrix[row * nodeCount + Int(effects.columns[edge])] = effects.values[edge]
            }
        }
        return matrix
    }
}

/// The largest difference of two lists.
func gap(_ x: [Float], _ y: [Float]) -> Float {
    x.count == y.count ? zip(x, y).map { abs($0 - $1) }.max() ?? 0 : .infinity
}
