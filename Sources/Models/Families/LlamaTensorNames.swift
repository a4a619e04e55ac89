/// What the parts of a Llama-like model are called in a file, `.weight` and `.bias` left off.
struct LlamaTensorNames: Sendable {
    var embedding: String
    var finalNorm: String
    var unembedding: String
    /// What stands before a layer's number.
    var layers: String
    /// Nil where attention reads the stream as it is.
    var attentionNorm: String?
    var query: String
    var key: String
    var value: String
    /// q, k and v in one, of families that fuse them.
    var queryKeyValue: String
    var queryNorm: String
    var keyNorm: String
    var output: String
    /// Nil where there is no norm after attention.
    var postAttentionNorm: String?
    /// Nil where the MLP reads the stream as it is.
    var mlpNorm: String?
    var gate: String
    var up: String
    /// Gate and MLP's input in one, of families that fuse them.
    var gateUp: String
    var down: String
    /// Nil where there is no norm after the MLP.
    var postMLPNorm: String?

    /// As `transformers` names them.
    static func huggingFace(_ norms: LlamaLikeFamily.NormPlacement) -> LlamaTensorNames {
        var names = LlamaTensorNames(
            embedding: "model.embed_tokens", finalNorm: "model.norm", unembedding: "lm_head",
            layers: "model.layers.", attentionNorm: "input_layernorm", query: "self_attn.q_proj",
            key: "self_attn.k_proj", value: "self_attn.v_proj",
            queryKeyValue: "self_attn.qkv_proj", queryNorm: "self_attn.q_norm",
            keyNorm: "self_attn.k_norm", output: "self_attn.o_proj",
            mlpNorm: "post_attention_layernorm", gate: "mlp.gate_proj", up: "mlp.up_proj",
            gateUp: "mlp.gate_up_proj", down: "mlp.down_proj")
        switch norms {
        case .before: break
        case .around:
            names.postAttentionNorm = "post_attention_layernorm"
            names.mlpNorm = "pre_feedforward_layernorm"
            names.postMLPNorm = "post_feedforward_layernorm"
        case .after:
            names.attentionNorm = nil
            names.postAttentionNorm = "post_attention_layernorm"
            names.mlpNorm = nil
            names.postMLPNorm = "post_feedforward_layernorm"
        }
        return names
    }

    /// As llama.cpp names them.
    static func gguf(_ norms: LlamaLikeFamily.NormPlacement) -> LlamaTensorNames {
        let (hasBefore, hasAfter) = (norms != .after, norms != .before)
        return LlamaTensorNames(
            embedding: "token_embd", finalNorm: "output_norm", unembedding: "output",
            layers: "blk.", attentionNorm: hasBefore ? "attn_norm" : nil, query: "attn_q",
            key: "attn_k", value: "attn_v", queryKeyValue: "attn_qkv", queryNorm: "attn_q_norm",
            keyNorm: "attn_k_norm", output: "attn_output",
            postAttentionNorm: hasAfter ? "post_attention_norm" : nil,
            mlpNorm: hasBefore ? "ffn_norm" : nil, gate: "ffn_gate", up: "ffn_up",
            gateUp: "ffn_up", down: "ffn_down", postMLPNorm: hasAfter ? "post_ffw_norm" : nil)
    }
}
