/// Rotary position embedding of queries and keys, as a table of frequencies.
///
/// At position `p` the pair `i` is turned by the angle `p * inverseFrequencies[i]`.
package struct RotaryEmbedding: Hashable, Sendable {
    /// Which two dimensions of a head make up a rotated pair.
    package enum Pairing: Hashable, Sendable {
        /// Dimension `i` with `i + dimensions / 2`: Hugging Face's layout, and that of every model
        /// read here (the interleaved q and k rows of Llama GGUF files are put back at load).
        case halves
        /// Dimension `2i` with `2i + 1`: the layout of GPT-J and the original Llama weights.
        case interleaved
    }

    /// One inverse frequency a pair, `[dimensions / 2]`, in radians a position, scaling applied.
    package var inverseFrequencies: [Float]
    /// How many of a head's first dimensions are rotated; the others pass unchanged.
    package var dimensions: Int
    /// How the dimensions are paired.
    package var pairing: Pairing
    /// What the rotated dimensions are multiplied with (YaRN's and LongRoPE's attention factor).
    package var magnitude: Float = 1
    /// The longest prompt that these frequencies are for, in tokens, where a scaling takes others for
    /// longer ones (LongRoPE); nil is any.
    package var longestPrompt: Int?

    /// A table of known frequencies.
    package init(inverseFrequencies: [Float], pairing: Pairing = .halves) {
        self.inverseFrequencies = inverseFrequencies
        self.dimensions = 2 * inverseFrequencies.count
        self.pairing = pairing
    }
}
