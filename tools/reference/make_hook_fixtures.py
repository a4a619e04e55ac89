#!/usr/bin/env python3
"""Makes fixtures/hooks/*.safetensors: every activation of the tiny models by TransformerLens.

Needs torch, transformers, safetensors and TransformerLens 3.x (`pip install "transformer_lens<4"`:
version 4 has no HookedTransformer any more). The models are those of make_tiny_models.py, their
weights as published: nothing is folded or centred. Each file has the activations of one prompt by
hook name, without the batch axis: `blocks.0.attn.hook_z` is `[position, head, d_head]`.
`attn.hook_in` and `mlp.hook_in`, which only TransformerBridge has, are computed here from
`hook_normalized`, gain and bias. The scores of keys that a query doesn't see, -infinity, are
written as the least float32: weights, whose reader the tests use, must be finite.
"""

import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import (
    convert_gemma_weights, convert_gpt2_weights, convert_llama_weights, convert_neox_weights,
    convert_qwen2_weights)

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
FAMILIES = {
    "tiny-gpt2": convert_gpt2_weights, "tiny-llama": convert_llama_weights,
    "tiny-llama-gqa": convert_llama_weights, "tiny-qwen2": convert_qwen2_weights,
    "tiny-gpt-neox": convert_neox_weights, "tiny-gemma2": convert_gemma_weights,
}
PROMPT = [3, 17, 5, 42, 8, 8, 31]


def configuration(config):
    """A model's shape as TransformerLens has it; it knows real models by their names alone."""
    def value(*names):
        return next((getattr(config, name) for name in names if hasattr(config, name)), None)

    family = config.model_type
    heads = value("n_head", "num_attention_heads")
    width = value("head_dim") or value("n_embd", "hidden_size") // heads
    shape = dict(
        d_model=value("n_embd", "hidden_size"), d_head=width, n_heads=heads,
        n_layers=value("n_layer", "num_hidden_layers"), d_mlp=value("n_inner", "intermediate_size"),
        d_vocab=config.vocab_size, n_ctx=value("n_positions", "max_position_embeddings"),
        act_fn=value("activation_function", "hidden_act", "hidden_activation"),
        eps=value("layer_norm_epsilon", "rms_norm_eps", "layer_norm_eps"),
        original_architecture=config.architectures[0],
        init_weights=False, device="cpu", dtype=torch.float32)
    if family == "gpt2":
        return dict(shape, normalization_type="LN", positional_embedding_type="standard")
    rope = config.rope_parameters
    rope = rope.get("sliding_attention", rope)
    shape.update(
        positional_embedding_type="rotary", rotary_base=rope["rope_theta"],
        rotary_dim=int(width * rope.get("partial_rotary_factor", 1)))
    if family == "gpt_neox":
        return dict(
            shape, normalization_type="LN", parallel_attn_mlp=config.use_parallel_residual,
            rotary_adjacent_pairs=False)
    shape.update(
        normalization_type="RMS", gated_mlp=True, final_rms=True, rotary_adjacent_pairs=False)
    if config.num_key_value_heads != heads or family in ("qwen2", "gemma2"):
        shape["n_key_value_heads"] = config.num_key_value_heads
    if rope.get("rope_type") == "llama3":
        shape.update(
            use_NTK_by_parts_rope=True, NTK_by_parts_factor=rope["factor"],
            NTK_by_parts_low_freq_factor=rope["low_freq_factor"],
            NTK_by_parts_high_freq_factor=rope["high_freq_factor"],
            NTK_original_ctx_len=rope["original_max_position_embeddings"])
    if family == "gemma2":
        shape.update(
            attn_scale=config.query_pre_attn_scalar**0.5, window_size=config.sliding_window,
            use_local_attn=True,
            attn_types=[
                "local" if kind == "sliding_attention" else "global"
                for kind in config.layer_types],
            attn_scores_soft_cap=config.attn_logit_softcapping,
            output_logits_soft_cap=config.final_logit_softcapping,
            use_normalization_before_and_after=True)
    return shape


def load(family):
    """The model in transformers and in TransformerLens, its weights as published."""
    theirs = transformers.AutoModelForCausalLM.from_pretrained(
        ROOT / "models" / family, dtype=torch.float32, attn_implementation="eager").eval()
    model = HookedTransformer(HookedTransformerConfig.from_dict(configuration(theirs.config)))
    model.load_and_process_state_dict(
        FAMILIES[family](theirs, model.cfg), fold_ln=False, center_writing_weights=False,
        center_unembed=False, fold_value_biases=False)
    model.set_use_attn_result(True)
    return theirs, model.eval()


def activations(model):
    """Every activation of the prompt, without the batch axis, by hook name; and the logits."""
    logits, cache = model.run_with_cache(torch.tensor([PROMPT]))
    values = {name: value[0] for name, value in cache.items()}
    for layer, block in enumerate(model.blocks):
        for norm, reader in [("ln1", "attn"), ("ln2", "mlp")]:
            normalized = values[f"blocks.{layer}.{norm}.hook_normalized"]
            weights = getattr(block, norm)
            values[f"blocks.{layer}.{reader}.hook_in"] = (
                normalized * weights.w + getattr(weights, "b", 0))
    return values, logits


def main():
    torch.set_grad_enabled(False)
    folder = ROOT / "hooks"
    folder.mkdir(exist_ok=True)
    for family in FAMILIES:
        theirs, model = load(family)
        values, logits = activations(model)
        gap = (logits - theirs(torch.tensor([PROMPT])).logits).abs().max().item()
        assert gap < 2e-5, (family, gap)
        path = folder / f"{family}.safetensors"
        least = torch.finfo(torch.float32).min
        save_file(
            {name: value.clamp(min=least).contiguous() for name, value in values.items()}, str(path))
        path.chmod(0o644)
        print(f"{family}: {len(values)} activations; logits within {gap:.1e} of transformers'")


if __name__ == "__main__":
    main()
