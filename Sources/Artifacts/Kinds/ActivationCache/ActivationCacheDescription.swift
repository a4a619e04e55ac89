/// Everything that an activation cache depends on: it decides whether an existing one can be reused.
package struct ActivationCacheDescription: Hashable, Sendable {
    /// The model that was run.
    package var model: ModelReference
    /// The digest of the dataset.
    package var datasetDigest: String
    /// The number type.
    package var precision: ActivationPrecision
    /// The hook names, sorted.
    package var hooks: [String]
    /// The filters by which hook names were chosen, as the user gave them; empty for all hooks.
    package var hookFilter: [String]
    /// The filters by which positions were chosen; empty for all positions.
    package var positionFilter: [String]
    /// The token position of each position in the cache, -1 at padding. Shape `[pair, position]`.
    package var positions: DenseArray<Int32>

    /// Makes a description from its parts.
    package init(
        model: ModelReference, datasetDigest: String, precision: ActivationPrecision = .float32,
        hooks: [String], hookFilter: [String] = [], positionFilter: [String] = [],
        positions: DenseArray<Int32>
    ) {
        self.model = model
        self.datasetDigest = datasetDigest
        self.precision = precision
        self.hooks = hooks.sorted()
        self.hookFilter = hookFilter
        self.positionFilter = positionFilter
        self.positions = positions
    }

    /// All positions of prompts of the given lengths, padded to the longest. Shape
    /// `[pair, position]`.
    package static func allPositions(lengths: [Int]) -> DenseArray<Int32> {
        let width = lengths.max() ?? 0
        let values = lengths.flatMap { length in
            (0..<width).map { $0 < length ? Int32($0) : -1 }
        }
        return DenseArray(shape: [lengths.count, width], values: values)
    }

    /// SHA-256 of model, dataset, precision, hook names and positions: two caches with the same one
    /// have the same content. It doesn't depend on the model's path or the wording of the filters.
    package var inputsDigest: String {
        let lines =
            [model.digest, datasetDigest, precision.rawValue]
            + hooks
            + [positions.shape, positions.values.map { Int($0) }].map { numbers in
                numbers.map(String.init).joined(separator: " ")
            }
        return sha256(lines.joined(separator: "\n"))
    }
}
