/// What the parts of a Llama-like model are called in a file, `.weight` and `.bias` left off.
struct LlamaTensorNames: Sendable {
    var embedding: String
    var finalNorm: String
    var unembedding: String
    /// What stands before a layer's number.
    var layers: String
    var attentionNorm: String
    var query: String
    var key: String
    var value: String
    var output: String
    var mlpNorm: String
    var gate: String
    var up: String
    var down: String
    /// Gemma 2 alone.
    var postAttentionNorm: String?
    var postMLPNorm: String?

    /// As `transformers` names them.
    static let huggingFace = LlamaTensorNames(
        embedding: "model.embed_tokens", finalNorm: "model.norm", unembedding: "lm_head",
        layers: "model.layers.", attentionNorm: "input_layernorm", query: "self_attn.q_proj",
        key: "self_attn.k_proj", value: "self_attn.v_proj", output: "self_attn.o_proj",
        mlpNorm: "post_attention_layernorm", gate: "mlp.gate_proj", up: "mlp.up_proj",
        down: "mlp.down_proj")

    /// As llama.cpp names them.
    static let gguf = LlamaTensorNames(
        embedding: "token_embd", finalNorm: "output_norm", unembedding: "output", layers: "blk.",
        attentionNorm: "attn_norm", query: "attn_q", key: "attn_k", value: "attn_v",
        output: "attn_output", mlpNorm: "ffn_norm", gate: "ffn_gate", up: "ffn_up",
        down: "ffn_down")
}
