package import Basics
package import Tokenization

/// A transformer read into memory: its configuration and views of its weights.
///
/// Weights stay valid while the model lives. Nothing is changed after load, so a model is shared
/// freely between threads.
package final class Model: Sendable {
    /// Shape and architecture.
    package let configuration: ModelConfiguration
    /// One row a token, `[dVocab, dModel]`.
    package let tokenEmbedding: EmbeddingTable
    /// One row a position, `[nContext, dModel]`, where positions are learned.
    package let positionEmbedding: EmbeddingTable?
    /// The layers, first to last.
    package let layers: [LayerWeights]
    /// Before the unembedding.
    package let finalNorm: NormWeights
    /// dModel to dVocabOut; a tied one shares the token embedding's values.
    package let unembedding: Affine
    /// Short name for people: the file's or folder's name without its extension.
    package let name: String
    /// Where it was read from; empty for a model built in memory.
    package let path: String
    /// How the file stores its weights, such as `F32` or `Q4_1`.
    package let quantization: String
    /// How its matrices are held, as the one who loaded it wanted.
    package let precision: WeightPrecision
    /// What people should be told about the weights, a line each.
    package let warnings: [String]

    private let storage: [AnyObject & Sendable]

    /// Gives back the memory of weights that lie in mapped files; what is used again is read from them
    /// again.
    package func releasePages() {
        for case let file as MappedFile in storage { file.releasePages() }
    }

    private let source: ModelSource?

    /// A model from its parts, built in memory.
    /// - Parameter storage: whatever owns the memory of the weights; it lives as long as the model.
    package convenience init(
        configuration: ModelConfiguration, tokenEmbedding: EmbeddingTable,
        positionEmbedding: EmbeddingTable? = nil, layers: [LayerWeights], finalNorm: NormWeights,
        unembedding: Affine, storage: [AnyObject & Sendable], name: String, path: String = "",
        quantization: String = "F32"
    ) {
        self.init(
            configuration: configuration, tokenEmbedding: tokenEmbedding,
            positionEmbedding: positionEmbedding, layers: layers, finalNorm: finalNorm,
            unembedding: unembedding, storage: storage, name: name, path: path,
            quantization: quantization, precision: .asStored, source: nil, warnings: [])
    }

    init(
        configuration: ModelConfiguration, tokenEmbedding: EmbeddingTable,
        positionEmbedding: EmbeddingTable?, layers: [LayerWeights], finalNorm: NormWeights,
        unembedding: Affine, storage: [AnyObject & Sendable], name: String, path: String,
        quantization: String, precision: WeightPrecision, source: ModelSource?, warnings: [String]
    ) {
        self.configuration = configuration
        self.tokenEmbedding = tokenEmbedding
        self.positionEmbedding = positionEmbedding
        self.layers = layers
        self.finalNorm = finalNorm
        self.unembedding = unembedding
        self.storage = storage
        self.name = name
        self.path = path
        self.quantization = quantization
        self.precision = precision
        self.source = source
        self.warnings = warnings
    }

    /// Reads a model, named by path (a GGUF file, a Hugging Face folder, or a file inside one) or by
    /// short name (`smollm2`); see `ModelLocation`.
    package static func load(
        _ nameOrPath: String, _ precision: WeightPrecision = .asStored
    ) throws(Failure) -> Model {
        try ModelSource(nameOrPath).load(precision)
    }

    /// SHA-256 of what the model was read from (see `ModelSource.digest`), in lower-case
    /// hexadecimal; of a model built in memory, that of its shape and weights.
    package func digest() throws(Failure) -> String {
        guard let source else { return ModelDigest.ofWeights(self) }
        return try source.digest()
    }

    /// The tokenizer that came with the model; nil where there is none.
    package func tokenizer() throws(Failure) -> Tokenizer? { try source?.tokenizer() }
}
