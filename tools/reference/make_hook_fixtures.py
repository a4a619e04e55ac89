#!/usr/bin/env python3
"""Makes fixtures/hooks/*.safetensors: every activation of the tiny models by TransformerLens.

Needs torch, transformers, safetensors and TransformerLens 3.x (`pip install "transformer_lens<4"`:
version 4 has no HookedTransformer any more). The models are those of make_tiny_models.py, their
weights as published: nothing is folded or centred. Each file has the activations of one prompt by
hook name, without the batch axis: `blocks.0.attn.hook_z` is `[position, head, d_head]`.
`attn.hook_in` and `mlp.hook_in`, which only TransformerBridge has, are computed here from
`hook_normalized`, gain and bias. The norms of queries and keys, of which TransformerLens has all
positions and heads in one axis (OLMo 2: all heads in one), are written as `[position, head, d_head]`.
The scores of keys that a query doesn't see, -infinity, are written as the least float32: weights,
whose reader the tests use, must be finite.

What TransformerLens 3.x lacks is put in place: the rotation of Phi 3 (LongRoPE) and SmolLM3 (layers
that don't rotate) is transformers', written into the buffers that TransformerLens rotates by, and
SmolLM3's weights are converted as Llama's, OLMo 2's as OLMo 3's (which share keys among heads). All is
computed in float64: in float32 TransformerLens is 9e-5 from that in SmolLM3. That the logits are those
of transformers, which normalises and rotates in float32 all the same, is checked for each family.
"""

import math
import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import (
    convert_gemma_weights, convert_gpt2_weights, convert_llama_weights, convert_mistral_weights,
    convert_neox_weights, convert_olmo3_weights, convert_phi3_weights, convert_qwen2_weights,
    convert_qwen3_weights)

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
FAMILIES = {
    "tiny-gpt2": convert_gpt2_weights, "tiny-llama": convert_llama_weights,
    "tiny-llama-gqa": convert_llama_weights, "tiny-qwen2": convert_qwen2_weights,
    "tiny-gpt-neox": convert_neox_weights, "tiny-gemma2": convert_gemma_weights,
    "tiny-gemma": convert_gemma_weights, "tiny-gemma3": convert_gemma_weights,
    "tiny-mistral": convert_mistral_weights, "tiny-olmo2": convert_olmo3_weights,
    "tiny-phi3": convert_phi3_weights, "tiny-qwen3": convert_qwen3_weights,
    "tiny-smollm3": convert_llama_weights,
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
        init_weights=False, device="cpu", dtype=torch.float64)
    if family == "gpt2":
        return dict(shape, normalization_type="LN", positional_embedding_type="standard")
    rope = config.rope_parameters
    local, rope = rope.get("sliding_attention"), rope.get("full_attention", rope)
    shape.update(
        positional_embedding_type="rotary", rotary_base=rope["rope_theta"],
        rotary_dim=int(width * rope.get("partial_rotary_factor", 1)))
    if family == "gpt_neox":
        return dict(
            shape, normalization_type="LN", parallel_attn_mlp=config.use_parallel_residual,
            rotary_adjacent_pairs=False)
    shape.update(
        normalization_type="RMS", gated_mlp=True, final_rms=True, rotary_adjacent_pairs=False,
        use_qk_norm=family in ("gemma3_text", "qwen3"))
    if config.num_key_value_heads != heads or family in ("qwen2", "gemma2"):
        shape["n_key_value_heads"] = config.num_key_value_heads
    shape.update(scaled_rotation(rope))
    if local:
        shape["rotary_base_local"] = local["rope_theta"]
    if getattr(config, "sliding_window", None):
        kinds = getattr(config, "layer_types", None) or ["sliding_attention"] * shape["n_layers"]
        shape.update(
            window_size=config.sliding_window, use_local_attn=True,
            attn_types=["local" if kind == "sliding_attention" else "global" for kind in kinds])
    if family in ("gemma2", "gemma3_text"):
        shape.update(
            attn_scale=config.query_pre_attn_scalar**0.5, use_normalization_before_and_after=True)
    if family == "gemma2":
        shape.update(
            attn_scores_soft_cap=config.attn_logit_softcapping,
            output_logits_soft_cap=config.final_logit_softcapping)
    return shape


def scaled_rotation(rope):
    """What TransformerLens is told of rotary frequencies that are scaled, as far as it knows the way."""
    kind = rope.get("rope_type")
    if kind == "llama3":
        return dict(
            use_NTK_by_parts_rope=True, NTK_by_parts_factor=rope["factor"],
            NTK_by_parts_low_freq_factor=rope["low_freq_factor"],
            NTK_by_parts_high_freq_factor=rope["high_freq_factor"],
            NTK_original_ctx_len=rope["original_max_position_embeddings"])
    if kind == "yarn":
        return dict(
            use_yarn_rope=True, yarn_factor=rope["factor"],
            yarn_attention_factor=0.1 * math.log(rope["factor"]) + 1,
            yarn_original_max_position_embeddings=rope["original_max_position_embeddings"])
    if kind == "linear":
        return dict(rotary_scaling_factor=rope["factor"])
    return {}


def rotate_as(theirs, model):
    """Gives TransformerLens the sines and cosines that transformers rotates the prompt by."""
    positions = torch.arange(len(PROMPT))[None]
    cosine, sine = theirs.model.rotary_emb(torch.zeros(1, len(PROMPT), 1), positions)
    rotates = getattr(theirs.config, "no_rope_layers", None) or [1] * len(model.blocks)
    for block, flag in zip(model.blocks, rotates):
        block.attn.rotary_cos = cosine[0] if flag else torch.ones_like(cosine[0])
        block.attn.rotary_sin = sine[0] if flag else torch.zeros_like(sine[0])


def load(family):
    """The model in transformers and in TransformerLens, its weights as published."""
    theirs = transformers.AutoModelForCausalLM.from_pretrained(
        ROOT / "models" / family, dtype=torch.float64, attn_implementation="eager").eval()
    model = HookedTransformer(HookedTransformerConfig.from_dict(configuration(theirs.config)))
    model.load_and_process_state_dict(
        FAMILIES[family](theirs, model.cfg), fold_ln=False, center_writing_weights=False,
        center_unembed=False, fold_value_biases=False)
    model.set_use_attn_result(True)
    if theirs.config.model_type in ("phi3", "smollm3"):
        rotate_as(theirs, model)
    return theirs, model.eval()


def activations(model):
    """Every activation of the prompt, without the batch axis, by hook name; and the logits."""
    logits, cache = model.run_with_cache(torch.tensor([PROMPT]))
    values = {name: value[0] for name, value in cache.items()}
    for layer in range(len(model.blocks)):
        for vector, norm in [("hook_q", "q_norm"), ("hook_k", "k_norm")]:
            at, shape = f"blocks.{layer}.attn", values[f"blocks.{layer}.attn.{vector}"].shape
            name = f"{at}.{norm}.hook_normalized"
            if name not in cache:
                continue
            values[name] = cache[name].reshape(shape)
            if model.cfg.use_qk_norm:  # of each head; OLMo 2's have one scale a position
                scale = f"{at}.{norm}.hook_scale"
                values[scale] = cache[scale].reshape(*shape[:2], 1)
    for layer, block in enumerate(model.blocks):
        for norm, reader in [("ln1", "attn"), ("ln2", "mlp")]:
            if model.cfg.original_architecture == "Olmo2ForCausalLM":
                # Its norms stand after attention and MLP, which read the stream itself.
                stream = "hook_resid_pre" if reader == "attn" else "hook_resid_mid"
                values[f"blocks.{layer}.{reader}.hook_in"] = values[f"blocks.{layer}.{stream}"]
                continue
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
        assert gap < 5e-6 * max(1, logits.abs().max().item()), (family, gap)
        path = folder / f"{family}.safetensors"
        least = torch.finfo(torch.float32).min
        save_file(
            {name: value.clamp(min=least).float().contiguous() for name, value in values.items()},
            str(path))
        path.chmod(0o644)
        print(f"{family}: {len(values)} activations; logits within {gap:.1e} of transformers'")


if __name__ == "__main__":
    main()
