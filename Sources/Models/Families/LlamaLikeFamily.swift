/// What makes a family of models that are laid out like Llama: RMSNorm, rotary positions, a gated MLP.
///
/// A family is a value of this type, in a file of its own. `LlamaLikeLayout` reads them all by it.
struct LlamaLikeFamily: Sendable {
    /// What it is called.
    var family: ModelFamily
    /// `model_type` in `config.json`.
    var modelType: String
    /// `general.architecture` in GGUF files.
    var architecture: String
    /// What `transformers` takes for keys that `config.json` lacks.
    var defaults = Defaults()
    /// Where norms stand.
    var norms: NormPlacement = .before
    /// How queries and keys are normalised.
    var headNormalization: ModelConfiguration.HeadNormalization?
    /// What Hugging Face's files leave off every norm's gain (Gemma: 1; llama.cpp's converter adds it).
    var gainOffset: Float = 0
    /// Whether token embeddings are multiplied with the root of their width.
    var scalesEmbeddings = false
    /// Whether q, k and v are one map, and the gate and the MLP's input another.
    var isFused = false
    /// Which maps have biases.
    var biases: Biases = .none
    /// Which layers have a sliding window.
    var window: Window?
    /// Whether only a part of each head may be rotated (`partial_rotary_factor`).
    var rotatesPartly = false
    /// Whether rotary scalings called "su" and "yarn" are LongRoPE, as in Phi 3's first files.
    var callsLongRoPEYarn = false
    /// Whether some layers may go without rotation (`no_rope_layers`).
    var hasUnrotatedLayers = false
    /// Keys of `config.json` that models of the family have and `transformers` doesn't read.
    var unusedKeys: [String] = []
    /// What differs in GGUF files.
    var gguf = GGUF()

    /// What `transformers`' configuration class takes for absent keys; `hidden_size` and other shapes
    /// have to be there.
    struct Defaults: Sendable {
        /// The key that names the nonlinearity.
        var activationKey = "hidden_act"
        /// The nonlinearity.
        var activation = "silu"
        /// What "gelu" means, which early Gemma files say where the approximation by tanh is meant.
        var gelu: ModelConfiguration.Activation = .gelu
        /// `rms_norm_eps`.
        var epsilon = 1e-6
        /// `head_dim`; nil is `hidden_size / num_attention_heads`.
        var headWidth: Int?
        /// `num_key_value_heads`; nil is one for every head.
        var keyValueHeads: Int?
        /// `rope_theta`.
        var rotaryBase = 10000.0
        /// `rope_local_base_freq`, the base in layers with a window; nil where it is the same.
        var slidingRotaryBase: Double?
        /// `original_max_position_embeddings` beside the rotary parameters, which goes before the one
        /// among them; nil where there is no such key.
        var trainingContext: Int?
        /// `tie_word_embeddings`.
        var isTied = false
        /// `query_pre_attn_scalar`, of which the scale of attention is the inverse root; nil where
        /// there is no such key, and the scale goes by the width of a head.
        var attentionScalar: Double?
        /// `attn_logit_softcapping`; nil where there is no such key.
        var attentionSoftcap: Softcap?
        /// `final_logit_softcapping`; nil where there is no such key.
        var logitSoftcap: Softcap?
    }

    /// The default of a soft cap's key.
    enum Softcap: Sendable {
        /// There is none unless the key says so.
        case none
        /// This one.
        case at(Float)

        /// The cap, if there is one.
        var value: Float? {
            switch self {
            case .none: nil
            case .at(let cap): cap
            }
        }
    }

    /// Where the norms of attention and MLP stand.
    enum NormPlacement: Sendable {
        /// On what they read.
        case before
        /// On what they add to the stream.
        case after
        /// On both.
        case around
    }

    /// Which maps have biases.
    enum Biases: Sendable {
        /// None.
        case none
        /// Queries, keys and values, always.
        case queriesKeysValues
        /// All of attention's where `attention_bias` says so.
        case ofAttention
        /// All of attention's where `attention_bias` says so, all of the MLP's where `mlp_bias` does.
        case ofAttentionAndMLP
    }

    /// A sliding window.
    struct Window: Sendable {
        /// `sliding_window` where the key is absent; nil is none. A null is none in any case.
        var width: Int?
        /// The key that says whether there is one at all.
        var flag: String?
        /// The layers that have it, where `layer_types` doesn't list them.
        var layers: Layers

        /// Which layers have a window.
        enum Layers: Sendable {
            /// Every one.
            case all
            /// All but each n-th; n is what the key says, if there is one.
            case allButEvery(Int, key: String?)
            /// Those from a number on, which the key says.
            case from(key: String, Int)
            /// Those that don't rotate.
            case unrotated
        }
    }

    /// What differs in GGUF files.
    struct GGUF: Sendable {
        /// Whether q and k rows are stored pair by pair, as llama.cpp's converter for Llama leaves them.
        var interleavesHeads = false
        /// `attention.sliding_window` where the key is absent; nil is none.
        var windowWidth: Int?
        /// Whether there is a window at all in llama.cpp.
        var hasWindow = false
        /// The number of layers of the size whose scale of attention goes by `dModel / heads`.
        var layersScaledByWidth: Int?
        /// Every how many layers one doesn't rotate.
        var unrotatedInterval: Int?
    }
}
