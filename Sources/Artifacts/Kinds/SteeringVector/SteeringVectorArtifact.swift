/// Vectors that are added to a model's activations to steer it: one for each layer and position.
///
/// - Note: Turner et al. 2023 (ActAdd), Rimsky et al. 2024 (CAA), Zou et al. 2023 and repeng (first
///   principal components).
package struct SteeringVectorArtifact: Hashable, Sendable {
    /// The model; nil where another tool's file doesn't tell.
    package var model: ModelReference?
    /// The architecture that another tool's file names.
    package var modelHint: String?
    /// `mean-difference`, `first-component` or `imported`.
    package var method: String
    /// What they are added to, by TransformerLens's name inside a block: `hook_resid_pre`.
    package var site: String
    /// The layers. Shape `[layer]`.
    package var layers: [Int32]
    /// The label of each position. Shape `[position]`.
    package var positions: [String]
    /// The vectors, `[layer, position, d_model]`.
    package var vectors: DenseArray<Float>
    /// Of first components: the share of the differences' variance that they have, `[layer, position]`.
    package var explained: DenseArray<Float>?
    /// How many pairs have the position, `[layer, position]`; nil where the vectors are another tool's.
    package var pairsUsed: DenseArray<Int32>?
    /// Number of pairs of the dataset.
    package var pairCount: Int?
    /// Digest of the dataset.
    package var datasetDigest: String?

    /// Makes vectors from their parts.
    package init(
        model: ModelReference? = nil, modelHint: String? = nil, method: String, site: String,
        layers: [Int32], positions: [String], vectors: DenseArray<Float>,
        explained: DenseArray<Float>? = nil, pairsUsed: DenseArray<Int32>? = nil,
        pairCount: Int? = nil, datasetDigest: String? = nil
    ) {
        self.model = model
        self.modelHint = modelHint
        self.method = method
        self.site = site
        self.layers = layers
        self.positions = positions
        self.vectors = vectors
        self.explained = explained
        self.pairsUsed = pairsUsed
        self.pairCount = pairCount
        self.datasetDigest = datasetDigest
    }

    /// d_model.
    package var width: Int { vectors.shape.last ?? 0 }

    /// A vector, `[d_model]`, by the indices of its layer and its position.
    package func vector(layer: Int, position: Int) -> ArraySlice<Float> {
        let start = (layer * positions.count + position) * width
        return vectors.values[start..<start + width]
    }

    /// The length of a vector.
    package func norm(layer: Int, position: Int) -> Float {
        let squares = vector(layer: layer, position: position).reduce(0.0) {
            $0 + Double($1) * Double($1)
        }
        return Float(squares.squareRoot())
    }
}
