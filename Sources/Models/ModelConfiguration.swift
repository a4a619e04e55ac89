/// The shape of a transformer and the choices that make its architecture.
///
/// Names follow TransformerLens's `HookedTransformerConfig`, camel-cased. A configuration says
/// everything that a forward pass needs besides the weights; nothing asks for the family.
public struct ModelConfiguration: Hashable, Sendable {
    /// What stands before each sublayer and before the unembedding.
    public enum Normalization: Hashable, Sendable {
        /// Mean and variance, with gain and bias.
        case layerNorm(epsilon: Float)
        /// Root mean square, with gain alone.
        case rmsNorm(epsilon: Float)
        /// Nothing (Tracr).
        case none
    }

    /// How positions enter.
    public enum Positions: Hashable, Sendable {
        /// A learned table added to the token embedding.
        case learned
        /// Rotation of queries and keys.
        case rotary(RotaryEmbedding)
        /// Not at all.
        case none
    }

    /// The nonlinearity of the MLP.
    public enum Activation: String, Hashable, Sendable {
        /// Exact GELU, by the error function.
        case gelu
        /// GELU's tanh approximation (`gelu_new`, `gelu_pytorch_tanh`).
        case geluTanh
        /// x * sigmoid(x).
        case silu
        /// max(x, 0).
        case relu
    }

    /// The architecture it was read as.
    public var family: ModelFamily
    /// Number of layers.
    public var nLayers: Int
    /// Query heads a layer.
    public var nHeads: Int
    /// Key and value heads a layer; head `h` reads key and value head `h * nKeyValueHeads / nHeads`.
    public var nKeyValueHeads: Int
    /// Width of the residual stream.
    public var dModel: Int
    /// Width of one head.
    public var dHead: Int
    /// Hidden width of the MLP.
    public var dMLP: Int
    /// Number of tokens.
    public var dVocab: Int
    /// Number of logits: dVocab, but in Tracr's programs, whose output is another vocabulary.
    public var dVocabOut: Int
    /// The longest prompt, in tokens.
    public var nContext: Int
    /// The kind of normalisation, with its epsilon.
    public var normalization: Normalization
    /// How positions enter.
    public var positions: Positions
    /// The MLP's nonlinearity.
    public var activation: Activation
    /// Whether the MLP is `output(activation(gate(x)) * input(x))`, not `output(activation(input(x)))`.
    public var isGated: Bool
    /// Whether a position attends only to itself and those before it.
    public var isCausal = true
    /// Whether the MLP reads the layer's input rather than the stream after attention (GPT-NeoX).
    public var parallelAttentionMLP = false
    /// What the products of query and key are multiplied with, usually `1 / sqrt(dHead)`.
    public var attentionScale: Float
    /// Attention scores `s` become `cap * tanh(s / cap)` before the mask (Gemma 2).
    public var attentionSoftcap: Float?
    /// Logits `l` become `cap * tanh(l / cap)` (Gemma 2).
    public var logitSoftcap: Float?
    /// What token embeddings are multiplied with (Gemma 2: `sqrt(dModel)`).
    public var embeddingScale: Float?
    /// How many positions, its own included, a position attends to in the sliding layers.
    public var slidingWindow: Int?
    /// Which layers attend within `slidingWindow` only, one flag a layer; empty means none.
    public var slidingLayers: [Bool] = []

    /// A configuration; whatever few families have is set afterwards.
    public init(
        family: ModelFamily, nLayers: Int, nHeads: Int, nKeyValueHeads: Int, dModel: Int,
        dHead: Int, dMLP: Int, dVocab: Int, nContext: Int, normalization: Normalization,
        positions: Positions, activation: Activation, isGated: Bool
    ) {
        self.family = family
        self.nLayers = nLayers
        self.nHeads = nHeads
        self.nKeyValueHeads = nKeyValueHeads
        self.dModel = dModel
        self.dHead = dHead
        self.dMLP = dMLP
        self.dVocab = dVocab
        dVocabOut = dVocab
        self.nContext = nContext
        self.normalization = normalization
        self.positions = positions
        self.activation = activation
        self.isGated = isGated
        attentionScale = 1 / Float(dHead).squareRoot()
    }

    /// How many positions, its own included, a position of `layer` attends to; nil is all before it.
    public func attentionWindow(ofLayer layer: Int) -> Int? {
        slidingLayers.indices.contains(layer) && slidingLayers[layer] ? slidingWindow : nil
    }
}
