/// The architectures that can be read. The raw value is the name shown to people and recorded in
/// artifacts.
package enum ModelFamily: String, Hashable, Sendable, CaseIterable {
    /// GPT-2: learned positions, LayerNorm, fused input-major q/k/v weights.
    case gpt2
    /// GPT-NeoX and Pythia: partial rotary positions, attention and MLP in parallel.
    case gptNeoX = "gpt-neox"
    /// Llama and what shares its layout (SmolLM2 among them): RMSNorm, rotary positions, gated MLP.
    case llama
    /// Qwen2: Llama with biases on q, k and v.
    case qwen2
    /// Gemma 2: norms after each sublayer too, soft-capped attention scores and logits.
    case gemma2
    /// A program compiled by Tracr: no normalisation, bidirectional attention, ReLU.
    case tracr
}
