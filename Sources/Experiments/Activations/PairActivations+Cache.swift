package import Artifacts
import Basics
package import Engine
import Models

extension PairActivations {
    /// Takes the pairs of a cache. Activations in float32 of prompts of one length are used where
    /// they lie in the file; others are copied.
    ///
    /// - Parameter transformer: the model that the cache was made with.
    /// - Throws: `Failure` (bad data) where the cache lacks hooks or positions, has not the shape
    ///   of the model, or holds values that aren't finite; `ArtifactError` where it can't be read.
    package init(_ cache: ActivationCache, transformer: Transformer) throws {
        let dataset = cache.dataset.content
        guard dataset.pairCount > 0 else {
            throw Failure(.badData, "\(cache.source): it has no pairs")
        }
        let configuration = transformer.configuration
        try Self.checkContent(of: cache, for: configuration)
        let reader = CacheReader(cache, lengths: dataset.lengths, configuration)
        let clean = try reader.outputs(.clean)
        self.init(
            dataset: dataset, clean: clean, corrupted: try reader.outputs(.corrupted),
            cleanLogits: clean.logits(with: transformer))
    }

    private static func checkContent(
        of cache: ActivationCache, for configuration: ModelConfiguration
    ) throws(Failure) {
        let missing = HookSelection.senders(of: configuration).map(\.name)
            .filter { cache.shapes[$0] == nil }
        if let first = missing.first {
            let others = missing.count > 1 ? " and \(missing.count - 1) more hooks" : ""
            throw Failure(
                .badData,
                "\(cache.source): it lacks \(first)\(others), which a search for circuits needs; "
                    + "make it with circuit-cache without --names")
        }
        let all = ActivationCacheDescription.allPositions(lengths: cache.dataset.content.lengths)
        guard cache.description.positions == all else {
            let filter = cache.description.positionFilter.joined(separator: ",")
            throw Failure(
                .badData,
                "\(cache.source): it holds only the positions \(filter), and a search for circuits "
                    + "needs all; make it with circuit-cache without --positions")
        }
    }
}

/// Reads the activations of a cache into packed rows.
private struct CacheReader {
    let cache: ActivationCache
    let layout: RowLayout
    let configuration: ModelConfiguration

    init(_ cache: ActivationCache, lengths: [Int], _ configuration: ModelConfiguration) {
        self.cache = cache
        self.configuration = configuration
        layout = RowLayout(lengths: lengths)
    }

    package func outputs(_ run: ActivationRun) throws -> SenderOutputs {
        let layers = 0..<configuration.nLayers
        return SenderOutputs(
            layout: layout, input: try rows(.block(0, .residualPre), run),
            z: try layers.map { try rows(.block($0, .z), run) },
            mlp: try layers.map { try rows(.block($0, .mlpOut), run) })
    }

    /// An activation as packed rows `[row, width]`.
    private func rows(_ point: HookPoint, _ run: ActivationRun) throws -> FloatBuffer {
        let activation = try cache.activation(named: point.name, run: run)
        let longest = layout.longest
        let axes = point.axes(in: configuration, longest: longest).map(\.count)
        guard activation.shape == [layout.promptCount, longest] + axes else {
            throw Failure(
                .badData,
                "\(cache.source): \(point.name) has the shape \(activation.shape), and this model's "
                    + "is \([layout.promptCount, longest] + axes); give the model it was made with")
        }
        let isRagged = layout.rowCount < layout.promptCount * longest
        let width = axes.reduce(1, *)
        if activation.isMapped, !isRagged, let mapped = MappedActivation(activation).buffer {
            try check(mapped, count: layout.rowCount * width, of: point, run)
            return mapped
        }
        let result = FloatBuffer(count: layout.rowCount * width)
        activation.withUnsafeBufferPointer { source in
            guard let source = source.baseAddress else { return }
            for prompt in 0..<layout.promptCount {
                (result.values + layout.starts[prompt] * width).update(
                    from: source + prompt * longest * width, count: layout.length(prompt) * width)
            }
        }
        try check(result, count: layout.rowCount * width, of: point, run)
        return result
    }

    /// Refuses values that aren't finite: a search would take them for effects.
    private func check(
        _ rows: FloatBuffer, count: Int, of point: HookPoint, _ run: ActivationRun
    ) throws(Failure) {
        let index = firstNonFinite(rows.values, count: count)
        guard index < count else { return }
        let pair = layout.starts.lastIndex { $0 <= index * layout.rowCount / count } ?? 0
        throw Failure(
            .badData,
            "\(cache.source):/\(run.rawValue)/\(point.name): a value of pair \(pair) is "
                + "\(rows.values[index]); make the cache anew, and with another --dtype if float16 is "
                + "too narrow for this model")
    }
}

/// Keeps a mapped activation, and with it the pages of its file.
private final class MappedActivation: Sendable {
    private let activation: Activation

    init(_ activation: Activation) { self.activation = activation }

    /// A view of the activation that keeps this owner. A mapped activation stays where it is for as
    /// long as it lives.
    var buffer: FloatBuffer? {
        let count = activation.count
        let values = activation.withUnsafeBufferPointer { $0.baseAddress }
        return values.map { FloatBuffer(viewing: $0, count: count, owner: self) }
    }
}
