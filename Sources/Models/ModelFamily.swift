/// The architectures that can be read. The raw value is the name shown to people and recorded in
/// artifacts.
package enum ModelFamily: String, Hashable, Sendable, CaseIterable {
    /// GPT-2: learned positions, LayerNorm, fused input-major q/k/v weights.
    case gpt2
    /// GPT-NeoX and Pythia: partial rotary positions, attention and MLP in parallel.
    case gptNeoX = "gpt-neox"
    /// Llama and what shares its layout (SmolLM2 among them): RMSNorm, rotary positions, gated MLP.
    case llama
    /// Mistral: Llama with a sliding window in every layer.
    case mistral
    /// Qwen 2: Llama with biases on q, k and v.
    case qwen2
    /// Qwen 3: Llama with norms of each head's queries and keys.
    case qwen3
    /// Gemma 1: Llama with scaled embeddings and GELU.
    case gemma
    /// Gemma 2: norms after each sublayer too, soft-capped attention scores and logits.
    case gemma2
    /// Gemma 3 (text): norms of each head's queries and keys, and rotary bases that go with the window.
    case gemma3
    /// OLMo 2: norms after each sublayer only, and of all queries or keys together.
    case olmo2
    /// Phi 3: Llama with fused projections.
    case phi3
    /// SmolLM3: Llama with some layers that don't rotate.
    case smolLM3 = "smollm3"
    /// A program compiled by Tracr: no normalisation, bidirectional attention, ReLU.
    case tracr
}
