/// The shape of a transformer and the choices that make its architecture.
///
/// Names follow TransformerLens's `HookedTransformerConfig`, camel-cased. A configuration says
/// everything that a forward pass needs besides the weights; nothing asks for the family.
package struct ModelConfiguration: Hashable, Sendable {
    /// The kind of norm that stands before sublayers, after them, or both, and before the unembedding.
    package enum Normalization: Hashable, Sendable {
        /// Mean and variance, with gain and bias.
        case layerNorm(epsilon: Float)
        /// Root mean square, with gain alone.
        case rmsNorm(epsilon: Float)
        /// Nothing (Tracr).
        case none
    }

    /// Which queries are normalised together between projection and rotation, and which keys.
    package enum HeadNormalization: Hashable, Sendable {
        /// Those of each head by themselves (Gemma 3, Qwen 3).
        case perHead
        /// Those of all heads (OLMo 2).
        case allHeads
    }

    /// How positions enter.
    package enum Positions: Hashable, Sendable {
        /// A learned table added to the token embedding.
        case learned
        /// Rotation of queries and keys.
        case rotary(RotaryEmbedding)
        /// Not at all.
        case none
    }

    /// The nonlinearity of the MLP.
    package enum Activation: String, Hashable, Sendable {
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
    package var family: ModelFamily
    /// Number of layers.
    package var nLayers: Int
    /// Query heads a layer.
    package var nHeads: Int
    /// Key and value heads a layer; head `h` reads key and value head `h * nKeyValueHeads / nHeads`.
    package var nKeyValueHeads: Int
    /// Width of the residual stream.
    package var dModel: Int
    /// Width of one head.
    package var dHead: Int
    /// Hidden width of the MLP.
    package var dMLP: Int
    /// Number of tokens.
    package var dVocab: Int
    /// Number of logits: dVocab, but in Tracr's programs, whose output is another vocabulary.
    package var dVocabOut: Int
    /// The longest prompt, in tokens.
    package var nContext: Int
    /// The kind of normalisation, with its epsilon.
    package var normalization: Normalization
    /// How positions enter.
    package var positions: Positions
    /// The MLP's nonlinearity.
    package var activation: Activation
    /// Whether the MLP is `output(activation(gate(x)) * input(x))`, not `output(activation(input(x)))`.
    package var isGated: Bool
    /// Whether a position attends only to itself and those before it.
    package var isCausal = true
    /// Whether the MLP reads the layer's input rather than the stream after attention (GPT-NeoX).
    package var parallelAttentionMLP = false
    /// How queries and keys are normalised before rotation; nil is not at all.
    package var headNormalization: HeadNormalization?
    /// What the products of query and key are multiplied with, usually `1 / sqrt(dHead)`.
    package var attentionScale: Float
    /// Attention scores `s` become `cap * tanh(s / cap)` before the mask (Gemma 2).
    package var attentionSoftcap: Float?
    /// Logits `l` become `cap * tanh(l / cap)` (Gemma 2).
    package var logitSoftcap: Float?
    /// What token embeddings are multiplied with (Gemma: `sqrt(dModel)`).
    package var embeddingScale: Float?
    /// How many positions, its own included, a position attends to in the sliding layers.
    var slidingWindow: Int?
    /// Which layers attend within `slidingWindow` only, one flag a layer; empty means none.
    var slidingLayers: [Bool] = []
    /// The rotation in the sliding layers, where it is another one (Gemma 3).
    var slidingRotary: RotaryEmbedding?
    /// Which layers don't rotate although others do (SmolLM3), one flag a layer; empty means none.
    var unrotatedLayers: [Bool] = []
    /// Whether what attention and MLP read is normalised: not in OLMo 2.
    package var hasNormsBefore = true
    /// Whether what attention and MLP add to the stream is normalised: in Gemma 2 and 3 and OLMo 2.
    package var hasNormsAfter = false

    /// A configuration; whatever few families have is set afterwards.
    package init(
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
    package func attentionWindow(ofLayer layer: Int) -> Int? {
        isSliding(layer) ? slidingWindow : nil
    }

    /// The rotation of a layer's queries and keys; nil where they aren't rotated.
    package func rotary(ofLayer layer: Int) -> RotaryEmbedding? {
        guard case .rotary(let rotary) = positions,
            !(unrotatedLayers.indices.contains(layer) && unrotatedLayers[layer])
        else { return nil }
        return isSliding(layer) ? slidingRotary ?? rotary : rotary
    }

    private func isSliding(_ layer: Int) -> Bool {
        slidingLayers.indices.contains(layer) && slidingLayers[layer]
    }
}
